-- An e-mail address as an attribute: optional, verified by a code, and nobody's way in.

alter table pool_user
    add column email_sealed   bytea,                         -- AES-256-GCM, AAD "pool_user.email:" and the id
    add column email_verified boolean not null default false,
    add constraint pool_user_email check (email_sealed is not null or not email_verified),
    add constraint pool_user_email_forgotten check (deleted_at is null or email_sealed is null);

-- Our own apps read and write it; clients that exist besides are asked their operator first.
alter table app_client
    alter readable set default array['name', 'phone_number', 'email', 'custom:user_type',
                                     'custom:profile_status', 'custom:kyc_status'],
    alter writable set default '{name,phone_number,email,custom:user_type}',
    drop constraint app_client_writable,
    add constraint app_client_writable
        check (not writable && '{sub,phone_number_verified,email_verified,custom:profile_status,
                                 custom:kyc_status}');
update app_client set readable = readable || '{email}', writable = writable || '{email}' where main;

-- An address that its owner has not proved yet, and the one code that proves it. Another request replaces
-- both.
create table email_change (
    user_id      uuid        primary key references pool_user on delete cascade,
    email_hash   bytea       not null,     -- keyed, of the address as it is written to
    email_sealed bytea       not null,     -- AAD "email_change.email:" and the user
    code_mac     bytea       not null,     -- HMAC over email_hash and the code
    attempts     smallint    not null default 0 constraint email_change_attempts check (attempts <= 5),
    expires_at   timestamptz not null,
    used_at      timestamptz,
    at           timestamptz not null default app_now()
) with (fillfactor = 80);
create index email_change_age on email_change (at);

-- What was sent to whom, exactly: a row for a user, 'u' and their id, and one for a mailbox, 'a' and a keyed
-- hash, however many users want it for theirs. Wrong answers count against the user.
create table email_guard (
    key          bytea         primary key,
    sends        timestamptz[] not null default '{}',     -- within the last day, oldest first
    failures     integer       not null default 0,        -- as those of phone_guard
    failed_since timestamptz,
    locked_until timestamptz,
    constraint email_guard_sends check (cardinality(sends) <= 10)
) with (fillfactor = 80);

create function email_guard_of(user_id uuid) returns bytea language sql immutable parallel safe as
$$ select '\x75'::bytea || uuid_send(user_id) $$;

-- Three in a quarter of an hour, ten a day: when the third or the tenth last is old enough. Null: long since.
create function email_opens(sends timestamptz[], locked_until timestamptz) returns timestamptz
language sql stable parallel safe as
$$ select greatest(locked_until, sends[cardinality(sends) - 2] + interval '15 minutes',
                   sends[cardinality(sends) - 9] + interval '1 day') $$;

-- How long until a code may be sent, and what is in the way longest; no time when nothing is. It reads only.
create function email_wait(keys bytea[]) returns table (seconds integer, cause text)
language sql stable parallel safe as
$$
select coalesce(ceil(extract(epoch from max(w.ends) - app_now())), 0)::integer,
       (array_agg(w.cause order by w.ends desc))[1]
from (
    select email_opens(g.sends, g.locked_until) as ends,
           case get_byte(g.key, 0) when 97 then 'email_address' else 'email_user' end as cause
    from email_guard g where g.key = any (keys)
) w
where w.ends > app_now()
$$;
