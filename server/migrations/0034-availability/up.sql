-- When an astrologer works, in full: what the weekly hours leave out, what replaces them, how much is sold.
alter table astrologer
    -- how far apart starts are
    add slot_interval smallint not null default 15
        constraint astrologer_slot_interval check (slot_interval in (5, 10, 15, 20, 30, 60)),
    -- minutes of the consultations on sale
    add lengths integer[] not null default '{15,30,45,60}'
        constraint astrologer_lengths
        check (lengths <@ '{15,30,45,60}' and cardinality(lengths) between 1 and 4),
    -- of a user's first consultation, which costs nothing; null: none such
    add free_minutes smallint constraint astrologer_free_minutes check (free_minutes in (5, 10, 15)),
    -- taken out of the weekly hours: pairs like theirs
    add breaks integer[] not null default '{}'
        constraint astrologer_breaks check (cardinality(breaks) % 2 = 0 and cardinality(breaks) <= 168),
    -- days with hours of their own, one after the other: the day (since 1970-01-01, in zone), how many
    -- numbers follow, and those: pairs of minutes of that day. At most 100 days of 12 pairs.
    add overrides integer[] not null default '{}'
        constraint astrologer_overrides check (cardinality(overrides) <= 2600),
    -- consultations of a local day, and of a local week from Monday
    add daily_cap smallint constraint astrologer_daily_cap check (daily_cap between 1 and 100),
    add weekly_cap smallint constraint astrologer_weekly_cap check (weekly_cap between 1 and 500);

alter table occupancy
    -- its astrologer has caps: what is sold is counted when it comes or moves
    add capped boolean not null default false,
    add constraint occupancy_break check (kind <> 'break' or user_id is null);
create index occupancy_done on occupancy (astrologer_id, lower(span))
    where status = 'done' and kind = 'booking';
create index occupancy_breaks on occupancy (astrologer_id, upper(span))
    where status = 'active' and kind = 'break';
-- One free consultation for a user with an astrologer. What costs nothing is that, and nothing else is.
create unique index occupancy_one_free on occupancy (user_id, astrologer_id)
    where price_per_minute = 0 and kind in ('hold', 'booking') and status in ('active', 'done');

-- Whose booking it was, before they took the time off and it was given to somebody else.
alter table booking add reassigned_from uuid references astrologer;
drop trigger booking_moves_on on booking;
create trigger booking_moves_on before update on booking for each row
    when ((old.state <> 'confirmed' and new.state <> old.state)
          or (new.user_id, new.price, new.price_per_minute, new.channel, new.policy)
             is distinct from (old.user_id, old.price, old.price_per_minute, old.channel, old.policy)
          or (new.astrologer_id <> old.astrologer_id
              and (old.state <> 'confirmed' or new.reassigned_from is null)))
    execute function booking_moves_on();

-- When what an astrologer has sold between two instants starts: bookings, those that are over too, and the
-- holds that last, but not those of one user. A hold counts ten seconds longer than it lasts: one that is
-- being booked in its last moment is not yet seen as a booking.
create function counted_starts(of_astrologer uuid, but_holds_of uuid, from_at timestamptz, to_at timestamptz)
    returns timestamptz[] language sql stable as
$$
select coalesce(array_agg(at order by at), '{}')
from (
    select lower(span) from occupancy
    where astrologer_id = of_astrologer and status = 'active' and blocked && tstzrange(from_at, to_at)
      and (kind = 'booking'
           or (kind = 'hold' and user_id is distinct from but_holds_of
               and expires_at > app_now() - interval '10 seconds'))
    union all
    select lower(span) from occupancy
    where astrologer_id = of_astrologer and status = 'done' and kind = 'booking'
      and lower(span) >= from_at and lower(span) < to_at
) as sold (at)
$$;

-- The caps, exactly. Rivals of one astrologer pass here one after the other, at the end of their statements,
-- and each reads what those before it have committed.
create function occupancy_caps() returns trigger language plpgsql as
$$
declare
    rules  record;
    starts timestamptz[];
begin
    perform pg_advisory_xact_lock(hashtextextended(new.astrologer_id::text, 33));
    select zone, daily_cap, weekly_cap, lower(new.span) at time zone zone as here into rules
    from astrologer where id = new.astrologer_id;
    starts := counted_starts(new.astrologer_id, null, lower(new.span) - interval '9 days',
                             lower(new.span) + interval '9 days');
    if (select count(*) from unnest(starts) at
        where (at at time zone rules.zone)::date = rules.here::date) > rules.daily_cap then
        perform refuse('occupancy_daily_cap');
    end if;
    if (select count(*) from unnest(starts) at
        where date_trunc('week', at at time zone rules.zone) = date_trunc('week', rules.here))
       > rules.weekly_cap then
        perform refuse('occupancy_weekly_cap');
    end if;
    return null;
end
$$;
create trigger occupancy_caps_new after insert on occupancy
    for each row when (new.capped and new.status = 'active') execute function occupancy_caps();
create trigger occupancy_caps_moved after update of span on occupancy
    for each row when (new.capped and new.status = 'active' and new.span <> old.span)
    execute function occupancy_caps();
