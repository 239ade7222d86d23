-- Finding astrologers: what is filtered and sorted by, who is online, the next free slot; following, blocking
-- and reporting; reviews.

alter table astrologer
    add column gender       text constraint astrologer_gender check (gender in ('female', 'male', 'other')),
    -- what a minute is said to cost otherwise, shown struck through
    add column chat_strike  bigint, add column call_strike bigint, add column video_strike bigint,
    add constraint astrologer_strike
        check ((chat_strike is null or coalesce(chat_strike > chat_price, false))
               and (call_strike is null or coalesce(call_strike > call_price, false))
               and (video_strike is null or coalesce(video_strike > video_price, false))),
    add constraint astrologer_strike_bounds
        check (greatest(chat_strike, call_strike, video_strike) <= 1000000);

-- The words of a text, as a search knows them: lower case, composed, once each, in order. Not by character
-- classes: the joining sign of Devanagari is in none of them.
create function words_of(said text) returns text[] language sql immutable parallel safe as
$$
select coalesce(array_agg(distinct word order by word), '{}')
from regexp_split_to_table(lower(normalize(said, NFC)), '[\s.,;:!?()\[\]{}''"/\\|&+*#@_<>=~`^%$–—।॥-]+') word
where word <> ''
$$;

-- What changes about a listed astrologer without their doing, and what the nodes follow: `changed` is the
-- transaction that last touched the row, or what is shown with it.
create table listing (
    id            uuid        primary key references astrologer on delete cascade,
    listed        boolean     not null default false,
    stars         integer[]   not null default '{0,0,0,0,0}'   -- how many visible reviews have 1 … 5
                  constraint listing_stars check (cardinality(stars) = 5 and 0 <= all (stars)),
    online        smallint    not null default 0               -- chat 1, call 2, video 4
                  constraint listing_online check (online between 0 and 7),
    next_free_at  timestamptz,
    next_free_due timestamptz not null default '-infinity',    -- when to look again
    words         text[]      not null default '{}',
    changed       xid8        not null default pg_current_xact_id()
) with (fillfactor = 70);
create index listing_changed on listing (changed, id);
create index listing_due on listing (next_free_due) where listed;

-- The words of all who were ever listed, for typing errors.
create table search_word (word text collate "C" primary key);
create index search_word_similar on search_word using gin (word gin_trgm_ops);
-- What people call the codes of the taxonomy, word by word.
create table skill_word (code text not null, word text collate "C" not null, primary key (code, word));
insert into skill_word (code, word)
select code, unnest(words_of(names))
from (values
    ('vedic', 'vedic jyotish jyotishi astrology kundli horoscope वैदिक ज्योतिष ज्योतिषी कुंडली राशिफल'),
    ('tarot', 'tarot टैरो'), ('numerology', 'numerology ankjyotish अंकशास्त्र अंकज्योतिष'),
    ('vastu', 'vastu वास्तु वास्तुशास्त्र'), ('palmistry', 'palmistry hastrekha हस्तरेखा हाथ'),
    ('kp', 'kp krishnamurti paddhati कृष्णमूर्ति पद्धति'), ('lal_kitab', 'lal kitab लाल किताब'),
    ('prashna', 'prashna horary प्रश्न'), ('nadi', 'nadi नाड़ी'),
    ('face_reading', 'face reading चेहरा मुखाकृति'), ('reiki', 'reiki रेकी'),
    ('western', 'western पाश्चात्य'), ('muhurta', 'muhurta muhurat मुहूर्त'),
    ('gemstones', 'gemstones gems ratna रत्न'), ('psychic', 'psychic clairvoyant अतींद्रिय'),
    ('matchmaking', 'matchmaking marriage milan गुण मिलान विवाह शादी')) as named (code, names);

-- The row is locked before anything is asked, and asked by another statement: whichever of two changes comes
-- second sees the first.
create function settle_listing(who uuid) returns void language plpgsql as
$$ begin
    -- An account without a profile has none.
    insert into listing (id) select id from astrologer where id = who on conflict do nothing;
    perform from listing where id = who for no key update;
    update listing l
    set listed = a.status = 'approved' and a.lowest_price is not null
                 and exists (select from pool_user u where u.id = a.id and u.enabled),
        words = words_of(a.display_name || ' ' || a.city), next_free_due = '-infinity',
        changed = pg_current_xact_id()
    from astrologer a where a.id = who and l.id = who;
    insert into search_word select unnest(l.words) from listing l where l.id = who and l.listed order by 1
    on conflict do nothing;
end $$;
create function astrologer_changed() returns trigger language plpgsql as
$$ begin
    perform settle_listing(new.id);
    return null;
end $$;
create trigger astrologer_listing after insert or update on astrologer
    for each row execute function astrologer_changed();
create trigger pool_user_listing after update of enabled on pool_user
    for each row when (old.enabled is distinct from new.enabled and new.user_type = 'astrologer')
    execute function astrologer_changed();

-- What may have freed time earlier than known. New occupancies are found by their ids instead: holds and
-- bookings are hot, and are not to pay for it.
create table schedule_change (
    id            bigint generated always as identity primary key,
    astrologer_id uuid   not null
);
create function schedule_changed(who uuid) returns void language sql as
$$ insert into schedule_change (astrologer_id) values (who) $$;
create function occupancy_changed() returns trigger language plpgsql as
$$ begin
    perform schedule_changed(new.astrologer_id);
    return null;
end $$;
create trigger occupancy_freed after update of status, span, blocked on occupancy
    for each row when (old.status <> new.status or old.blocked <> new.blocked)
    execute function occupancy_changed();
-- Up to which occupancy the search for free time has looked.
create table schedule_progress (
    one  boolean primary key default true constraint schedule_progress_one check (one),
    upto uuid    not null
);
insert into schedule_progress (upto) values ('00000000-0000-0000-0000-000000000000');

-- A lease: whoever stops renewing it is offline when it ends.
create table presence (
    astrologer_id uuid        primary key references astrologer on delete cascade,
    channels      smallint    not null constraint presence_channels check (channels between 1 and 7),
    since         timestamptz not null default app_now(),
    until         timestamptz not null
) with (fillfactor = 70);

create table follow (
    user_id       uuid        not null references pool_user on delete cascade,
    astrologer_id uuid        not null references astrologer on delete cascade,
    notify        boolean     not null,
    told_at       timestamptz,
    created_at    timestamptz not null default app_now(),
    primary key (user_id, astrologer_id),
    constraint follow_another check (user_id <> astrologer_id)
) with (fillfactor = 80);
create index follow_of_astrologer on follow (astrologer_id, user_id) where notify;

create table block (
    blocker_id uuid        not null references pool_user on delete cascade,
    blocked_id uuid        not null references pool_user on delete cascade,
    created_at timestamptz not null default app_now(),
    primary key (blocker_id, blocked_id),
    constraint block_another check (blocker_id <> blocked_id)
);
create index block_of on block (blocked_id, blocker_id);
create function are_blocked(one uuid, other uuid) returns boolean language sql stable parallel safe as
$$ select exists (select from block where blocker_id = one and blocked_id = other)
       or exists (select from block where blocker_id = other and blocked_id = one) $$;

create table report (
    id             uuid        primary key,
    reporter_id    uuid        not null references pool_user,
    subject_id     uuid        not null references pool_user,
    reason         text        not null
                   constraint report_reason check (reason in ('abuse', 'fraud', 'contact_outside',
                                                              'false_claims', 'inappropriate',
                                                              'impersonation', 'other')),
    text_sealed    bytea       not null,                  -- AAD "report.text:" and the id
    state          text        not null default 'open'
                   constraint report_state check (state in ('open', 'upheld', 'dismissed')),
    decided_by     uuid,
    decision_reason text,
    decided_at     timestamptz,
    created_at     timestamptz not null default app_now(),
    constraint report_decided check ((state = 'open') = (decided_at is null)),
    constraint report_another check (reporter_id <> subject_id)
);
create unique index report_one_open on report (reporter_id, subject_id) where state = 'open';
create index report_queue on report (state, id desc);
create index report_age on report (decided_at, id) where state <> 'open';

create table review (
    id              uuid        primary key,
    booking_id      uuid        not null references booking constraint review_one_each unique,
    user_id         uuid        not null references pool_user,
    astrologer_id   uuid        not null references astrologer,
    stars           smallint    not null constraint review_stars check (stars between 1 and 5),
    text            text        not null constraint review_text_length check (length(text) <= 2000),
    reply           text        constraint review_reply_length check (length(reply) between 1 and 1000),
    replied_at      timestamptz,
    state           text        not null default 'visible'
                    constraint review_state check (state in ('visible', 'held', 'removed')),
    decision_reason text,
    created_at      timestamptz not null default app_now(),
    edited_at       timestamptz,
    constraint review_replied check ((reply is null) = (replied_at is null))
) with (fillfactor = 80);
create index review_of_astrologer on review (astrologer_id, id desc) where state = 'visible';
create index review_of_user on review (user_id, id desc);
create index review_queue on review (state, id desc);

-- Exact whatever races: the listing's row is locked by what changes it.
create function review_counted() returns trigger language plpgsql as
$$ declare
    gone smallint := case when tg_op <> 'INSERT' and old.state = 'visible' then old.stars end;
    come smallint := case when tg_op <> 'DELETE' and new.state = 'visible' then new.stars end;
begin
    update listing l
    set stars = array(select l.stars[n] + case when n = come then 1 else 0 end
                             - case when n = gone then 1 else 0 end from generate_series(1, 5) n order by n),
        changed = pg_current_xact_id()
    where l.id = coalesce(new.astrologer_id, old.astrologer_id);
    return null;
end $$;
create trigger review_counted after insert or delete or update of stars, state, text, reply on review
    for each row execute function review_counted();

-- A price that rises to what is struck through, or goes, takes that with it.
create function strike_ends() returns trigger language plpgsql as
$$ begin
    if new.chat_price is null or new.chat_strike <= new.chat_price then new.chat_strike := null; end if;
    if new.call_price is null or new.call_strike <= new.call_price then new.call_strike := null; end if;
    if new.video_price is null or new.video_strike <= new.video_price then new.video_strike := null; end if;
    return new;
end $$;
create trigger astrologer_strike_ends before update of chat_price, call_price, video_price on astrologer
    for each row execute function strike_ends();

-- Who is deleted follows nobody, is followed by nobody and has blocked nobody.
create function forget_relations() returns trigger language plpgsql as
$$ begin
    delete from follow where user_id = new.id or astrologer_id = new.id;
    delete from block where blocker_id = new.id or blocked_id = new.id;
    delete from presence where astrologer_id = new.id;
    return null;
end $$;
create trigger pool_user_relations_forgotten after update of deleted_at on pool_user
    for each row when (new.deleted_at is not null and old.deleted_at is null)
    execute function forget_relations();

-- As before, of tables too whose person is named otherwise.
create or replace function only_while_account_goes_on() returns trigger language plpgsql as
$$ begin
    if account_goes_on((to_jsonb(new) ->> coalesce(tg_argv[1], 'user_id'))::uuid) then
        return new;
    elsif tg_argv[0] = 'skip' then
        return null;
    end if;
    perform refuse_ended_account();
    return null;
end $$;
create trigger goes_on before insert on presence
    for each row execute function only_while_account_goes_on('refuse', 'astrologer_id');
create trigger goes_on before insert on follow
    for each row execute function only_while_account_goes_on('refuse');
create trigger goes_on_of_other before insert on follow
    for each row execute function only_while_account_goes_on('skip', 'astrologer_id');
create trigger goes_on before insert on block
    for each row execute function only_while_account_goes_on('refuse', 'blocker_id');
create trigger goes_on_of_other before insert on block
    for each row execute function only_while_account_goes_on('skip', 'blocked_id');
create trigger goes_on before insert on report
    for each row execute function only_while_account_goes_on('refuse', 'reporter_id');
create trigger goes_on before insert on review
    for each row execute function only_while_account_goes_on('refuse');
drop trigger goes_on on astrologer;
create trigger goes_on before update on astrologer for each row
    when ((new.display_name, new.bio, new.city, new.languages, new.specializations, new.legal_name_sealed,
           new.chat_price, new.call_price, new.video_price, new.gender, new.chat_strike, new.call_strike,
           new.video_strike)
          is distinct from (old.display_name, old.bio, old.city, old.languages, old.specializations,
                            old.legal_name_sealed, old.chat_price, old.call_price, old.video_price,
                            old.gender, old.chat_strike, old.call_strike, old.video_strike))
    execute function profile_while_account_goes_on();

select settle_listing(id) from astrologer order by id;
