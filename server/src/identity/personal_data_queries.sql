-- What the user pool keeps about people: see pg/personal_data.hpp for the parameters. What an erasure does
-- at once is forget_user, in admin_queries.sql.

-- name: read_account_data
select json_build_object('id', id, 'userType', user_type, 'profileStatus', profile_status,
                         'kycStatus', kyc_status, 'groups', groups, 'language', language,
                         'adultDeclaredAt', adult_declared_at, 'emailVerified', email_verified,
                         'createdAt', created_at, 'confirmedAt', confirmed_at)::text as record,
       '{phone,name,city,email}'::text[] as names,
       '{pool_user.phone,pool_user.name,pool_user.city,pool_user.email}'::text[] as purposes,
       array['pool_user.phone:' || id, 'pool_user.name:' || id, 'pool_user.city:' || id,
             'pool_user.email:' || id] as places,
       array[phone_sealed, coalesce(name_sealed, ''), coalesce(city_sealed, ''), coalesce(email_sealed, '')]
           as sealed
from pool_user where id = $1;

-- name: read_session_data
select json_build_object('began', began_at, 'ended', ended_at, 'lastSeen', seen_at, 'app', client_id)::text
           as record,
       '{addressAndAgent}'::text[] as names, '{refresh_token.seen}'::text[] as purposes,
       array['refresh_token.seen:' || encode(coalesce(seen_with, ''), 'hex')] as places,
       array[coalesce(seen_sealed, '')] as sealed
from (
    (select f.auth_time as began_at, f.revoked_at as ended_at, t.seen_at, f.client_id, t.hash as seen_with,
            t.seen_sealed
     from refresh_family f
     left join lateral (select hash, seen_at, seen_sealed from refresh_token where family_id = f.id
                        order by seen_at desc, issued_at desc limit 1) t on true
     where f.user_id = $1)
    union all
    (select began_at, ended_at, seen_at, client_id, seen_with, seen_sealed from past_session
     where user_id = $1)
) mine
order by began_at desc limit 10000;

-- name: forget_past_sessions
delete from past_session where user_id = $1;

-- name: purge_past_sessions
delete from past_session
where id in (select id from past_session where ended_at < $1 and not is_held(user_id)
             order by ended_at, id limit $2 for update skip locked)
returning id::text, ended_at as at;

-- name: due_past_sessions
select count(*) filter (where not held) as count, count(*) filter (where held) as held,
       min(ended_at) filter (where not held) as oldest, max(ended_at) filter (where not held) as newest
from (select ended_at, is_held(user_id) as held from past_session where ended_at < $1) due;

-- name: read_change_data
select json_build_object('what', 'a new number that waits for its code', 'askedAt', at)::text as record,
       '{phone}'::text[] as names, '{phone_change.phone}'::text[] as purposes,
       array['phone_change.phone:' || user_id] as places, array[phone_sealed] as sealed
from phone_change where user_id = $1
union all
select json_build_object('what', 'a new address that waits for its code', 'askedAt', at)::text,
       '{email}', '{email_change.email}', array['email_change.email:' || user_id], array[email_sealed]
from email_change where user_id = $1;

-- name: read_factor_data
select json_build_object('setUpAt', set_up_at, 'preferred', preferred)::text as record,
       '{}'::text[] as names, '{}'::text[] as purposes, '{}'::text[] as places, '{}'::bytea[] as sealed
from software_token where user_id = $1;

-- name: read_recovery_data
select json_build_object('state', state, 'askedAt', asked_at, 'endedAt', ended_at)::text as record,
       '{}'::text[] as names, '{}'::text[] as purposes, '{}'::text[] as places, '{}'::bytea[] as sealed
from phone_recovery where user_id = $1;
