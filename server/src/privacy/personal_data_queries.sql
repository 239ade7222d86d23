-- What consents keep: see pg/personal_data.hpp for the parameters. What is about copies, holds and tombstones
-- is beside the use cases.

-- name: read_own_consents
select json_build_object('id', id, 'purpose', purpose, 'noticeVersion', notice_version, 'language', language,
                         'noticeSha256', encode(notice_hash, 'hex'), 'items', items::json,
                         'channel', channel, 'givenAt', given_at, 'withdrawnAt', withdrawn_at,
                         'withdrawnChannel', withdrawn_channel)::text as record,
       '{}'::text[] as names, '{}'::text[] as purposes, '{}'::text[] as places, '{}'::bytea[] as sealed
from consent where user_id = $1 order by id desc limit 10000;

-- name: read_own_origins
select json_build_object('consent', id, 'at', given_at)::text as record,
       '{addressAndAgent}'::text[] as names, '{consent.origin}'::text[] as purposes,
       array['consent.origin:' || id] as places, array[origin_sealed] as sealed
from consent where user_id = $1 and origin_sealed is not null order by id desc limit 10000;

-- name: forget_origins
update consent set origin_sealed = null where user_id = $1 and origin_sealed is not null;

-- name: purge_origins
with due as (
    select id from consent where origin_sealed is not null and given_at < $1 and not is_held(user_id)
    order by given_at, id limit $2 for update skip locked
)
update consent c set origin_sealed = null from due where c.id = due.id
returning c.id::text, c.given_at as at;

-- name: due_origins
select count(*) filter (where not held) as count, count(*) filter (where held) as held,
       min(given_at) filter (where not held) as oldest, max(given_at) filter (where not held) as newest
from (select given_at, is_held(user_id) as held from consent
      where origin_sealed is not null and given_at < $1) due;

-- name: find_given_purposes
select purpose from consent where user_id = $1 and withdrawn_at is null order by purpose;

-- name: end_consent
-- With the account, whoever ends it; told like a withdrawal, so that what rests on the consent ends with it.
with ended as (
    update consent set withdrawn_at = greatest(app_now(), given_at), withdrawn_channel = 'account_closed'
    where user_id = $1 and purpose = $2 and withdrawn_at is null
    returning id, purpose, notice_version
), told as (
    insert into outbox (id, kind, payload, urgent) select $3, 'consent.withdrawn', $4, true from ended
)
insert into audit_pending (id, actor_role, action, subject_kind, subject_id, detail, request_id)
select $5, 'system', 'consent.withdraw', 'consent', id,
       json_build_object('purpose', purpose, 'version', notice_version, 'channel', 'account_closed')::text, $6
from ended;
