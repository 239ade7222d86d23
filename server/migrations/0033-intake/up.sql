-- Birth profiles, what a user gives along with a booking, reminders, and what the engagement figures count.

-- Of one person, at most ten: the slots are the bound that a race cannot pass.
create table birth_profile (
    id             uuid        primary key,
    user_id        uuid        not null references pool_user on delete cascade,
    slot           smallint    not null constraint birth_profile_bound check (slot between 1 and 10),
    details_sealed bytea       not null,             -- AAD "birth_profile.details:" and the id
    created_at     timestamptz not null default app_now(),
    updated_at     timestamptz not null default app_now(),
    constraint birth_profile_slot unique (user_id, slot)
);

-- A copy of a birth profile as it was then, and a question.
create table intake (
    booking_id      uuid        primary key references booking,
    birth_sealed    bytea,                           -- AAD "intake.birth:" and the booking's id
    question_sealed bytea,                           -- AAD "intake.question:" and the booking's id
    updated_at      timestamptz not null default app_now()
);

-- A reminder that was given: of that booking, so long before that start, once. A booking that is moved has
-- another start, and other reminders.
create table booking_reminder (
    booking_id uuid        not null references booking,
    kind       text        not null
               constraint booking_reminder_kind check (kind in ('day', 'hour', 'minutes')),
    starts_at  timestamptz not null,
    primary key (booking_id, kind, starts_at)
);
create index booking_reminder_age on booking_reminder (starts_at);
-- Up to which start bookings have been looked at for that reminder.
create table reminder_progress (
    kind  text        primary key
          constraint reminder_progress_kind check (kind in ('day', 'hour', 'minutes')),
    up_to timestamptz not null
);
create index booking_upcoming on booking (starts_at, id) where state = 'confirmed';

-- People who may not act any more and whose bookings to come wait to be cancelled.
create table party_gone (
    user_id uuid        primary key references pool_user on update cascade on delete cascade,
    at      timestamptz not null default app_now()
);
insert into party_gone (user_id)
select u.id from pool_user u
where not u.enabled
  and (exists (select from booking b
               where b.user_id = u.id and b.state = 'confirmed' and b.starts_at > app_now())
       or exists (select from booking b
                  where b.astrologer_id = u.id and b.state = 'confirmed' and b.starts_at > app_now()));
create function note_party_gone() returns trigger language plpgsql as
$$ begin
    insert into party_gone (user_id) values (new.id) on conflict do nothing;
    return new;
end $$;
create trigger pool_user_party_gone after update of enabled on pool_user
    for each row when (old.enabled and not new.enabled)
    execute function note_party_gone();

-- How often what happened on a day (UTC), and under which code. Of nobody in particular.
create table engagement (
    day   date   not null,
    step  text   not null constraint engagement_step check (step ~ '^[a-z_]{1,40}$'),
    code  text   not null default '' constraint engagement_code check (code ~ '^[a-z_]{0,40}$'),
    times bigint not null,
    primary key (day, step, code)
);
