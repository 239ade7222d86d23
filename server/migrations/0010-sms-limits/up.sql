-- What a code may cost: how many nobody entered, by where they were asked for, and what all of them cost.

-- A leaky bucket: it gains one with every code asked for, loses more than one with every code entered, and
-- runs empty in a day. A row that has run empty means the same as none.
create table send_bucket (
    key   bytea            primary key,  -- a letter (address, device, network, prefix), then a keyed hash
    level double precision not null,     -- when it was counted last
    most  integer          not null,     -- what it holds, as configured then
    at    timestamptz      not null
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

create function leaked(level double precision, most integer, at timestamptz) returns double precision
language sql stable parallel safe as
$$ select greatest(0, level - most * extract(epoch from app_now() - at)::double precision / 86400) $$;

-- Every message of every node counts against one ceiling, which is split so that they need not queue for one
-- row: each slot has a sixteenth of it.
create table spend_slot (
    slot    smallint    primary key,
    hour    timestamptz not null default '-infinity',
    in_hour integer     not null default 0,
    day     timestamptz not null default '-infinity',
    in_day  integer     not null default 0
) with (fillfactor = 20);
insert into spend_slot (slot) select generate_series(0, 15);

create function spend_hour() returns timestamptz language sql stable parallel safe as
$$ select date_trunc('hour', app_now(), 'Asia/Kolkata') $$;
create function spend_day() returns timestamptz language sql stable parallel safe as
$$ select date_trunc('day', app_now(), 'Asia/Kolkata') $$;

create function has_room(s spend_slot, hourly integer, daily integer) returns boolean
language sql stable parallel safe as
$$ select case when s.hour = spend_hour() then s.in_hour else 0 end
          < hourly / 16 + (s.slot < hourly % 16)::integer
      and case when s.day = spend_day() then s.in_day else 0 end
          < daily / 16 + (s.slot < daily % 16)::integer $$;

-- How long until a code may be sent, and what is in the way longest; no time when nothing is. It reads only:
-- a flood is refused without a lock or a write.
create function send_wait(phone bytea, keys bytea[], mosts integer[], hourly integer, daily integer)
returns table (seconds integer, cause text) language sql stable parallel safe as
$$
select coalesce(ceil(max(w.seconds)), 0)::integer, (array_agg(w.cause order by w.seconds desc))[1]
from (
    select extract(epoch from t.ends - app_now())::double precision as seconds, 'phone' as cause
    from phone_guard g,
         lateral (values (g.locked_until),
                         (case when cardinality(g.sends) = 3 then g.sends[1] + interval '15 minutes' end)
                 ) t(ends)
    where g.phone_hash = phone and t.ends > app_now()
    union all
    select (leaked(b.level, asked.most, b.at) + 1 - asked.most) * 86400 / asked.most,
           case get_byte(b.key, 0) when 97 then 'address' when 100 then 'device' when 110 then 'network'
                                   else 'prefix' end
    from unnest(keys, mosts) asked(key, most) join send_bucket b using (key)
    where leaked(b.level, asked.most, b.at) + 1 > asked.most
    union all
    select extract(epoch from
                   case when (select sum(in_day) from spend_slot where day = spend_day()) >= daily
                        then spend_day() + interval '1 day' else spend_hour() + interval '1 hour' end
                   - app_now()), 'spend'
    where not exists (select from spend_slot s where has_room(s, hourly, daily))
) w
$$;

-- Which buckets a code was counted in, so that entering it can empty them again.
alter table challenge add column counted_in bytea[];

-- Who signs up an unconfirmed phone again becomes a user with a new id, as for a phone that nobody knows.
-- Challenges of the id before are dead by then and gone within a day.
alter table challenge drop constraint challenge_user_id_fkey;
-- What else has the id of somebody unconfirmed goes with it.
alter table phone_prefix
    drop constraint phone_prefix_user_id_fkey,
    add constraint phone_prefix_user_id_fkey
        foreign key (user_id) references pool_user on update cascade on delete cascade;
