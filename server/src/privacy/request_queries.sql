-- What people and staff ask for.

-- name: ask_export
-- A fresh sign-in, three a day, one at a time; the constraint decides who of two was first.
with who as (
    select u.id, u.user_type, is_fresh(f.auth_time) as fresh
    from pool_user u join refresh_family f on f.user_id = u.id
    where u.id = $1 and u.enabled and f.id = $2 and f.revoked_at is null
), lately as (
    select count(*) filter (where asked_at > app_now() - interval '24 hours') as asked,
           coalesce(bool_or(state = 'waiting'), false) as waits,
           min(asked_at) filter (where asked_at > app_now() - interval '24 hours') as first
    from data_export where user_id = $1
), made as (
    insert into data_export (id, user_id)
    select $3, w.id from who w, lately l where w.fresh and l.asked < 3 and not l.waits
    on conflict do nothing
    returning id, asked_at
), queued as (
    insert into outbox (id, kind, payload) select $4, 'privacy.export', $5 from made
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $6, w.id, w.user_type, 'privacy.ask_export', 'data_export', m.id, $7 from made m, who w
)
select w.fresh, (select asked_at from made) as made_at, l.asked >= 3 as too_many,
       coalesce(ceil(extract(epoch from l.first + interval '24 hours' - app_now())), 0)::bigint
           as wait_seconds
from who w, lately l;

-- name: find_waiting_export
select user_id from data_export where id = $1 and state = 'waiting';

-- name: store_export
with stored as (
    update data_export
    set state = 'ready', ready_at = $3, expires_at = $4, document_sealed = $2
    where id = $1 and state = 'waiting'
    returning id, user_id
), proved as (
    insert into certificate (id, content, mac, subject_id) select id, $6, $7, user_id from stored
)
insert into audit_pending (id, actor_role, action, subject_kind, subject_id, detail)
select $5, 'system', 'privacy.build_export', 'data_export', id,
       json_build_object('sha256', encode(sha256(convert_to($6, 'UTF8')), 'hex'))::text
from stored;

-- name: store_correction
with proved as (
    insert into certificate (id, content, mac, subject_id) values ($1, $2, $3, $4)
    returning id, subject_id, content
)
insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, detail, request_id)
select $5, $6, $7, 'privacy.correct', 'pool_user', subject_id,
       json_build_object('certificate', id,
                         'sha256', encode(sha256(convert_to(content, 'UTF8')), 'hex'))::text, $8
from proved;

-- name: read_own_certificates
-- As they were issued; those of an erasure and of purges are not among a living account's.
select content as record, '{}'::text[] as names, '{}'::text[] as purposes, '{}'::text[] as places,
       '{}'::bytea[] as sealed
from certificate where subject_id = $1 order by id desc limit 10000;

-- name: take_export
-- What is over is not found, even before a purge has removed it.
with found as (
    select e.id, e.state, e.asked_at, e.ready_at, e.expires_at, e.document_sealed, c.content as certificate
    from data_export e left join certificate c on c.id = e.id
    where e.id = $1 and e.user_id = $2
      and (e.state = 'waiting' or (e.state = 'ready' and e.expires_at > app_now()))
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $3, $2, $4, 'privacy.read_export', 'data_export', id, $5 from found where state = 'ready'
)
select id, state, asked_at, ready_at, expires_at, document_sealed, certificate from found;

-- name: end_exports
-- A copy that was made holds what may be gone elsewhere since: a legal hold keeps it, sealed and for nobody
-- to fetch, until purge_exports finds the hold lifted. One that waits is not made any more.
update data_export set state = 'removed', document_sealed = null
where user_id = $1 and (state = 'waiting' or (state = 'ready' and not is_held(user_id)));

-- name: set_hold
with subject as (
    select id from pool_user where id = $2
), made as (
    insert into legal_hold (id, subject_id, reason, set_by) select $1, id, $3, $4 from subject
    returning id, subject_id, set_at
), audited as (
    insert into audit_pending
        (id, actor_id, actor_role, action, subject_kind, subject_id, reason, detail, request_id)
    select $5, $4, 'admin', 'privacy.set_hold', 'pool_user', subject_id, $3,
           json_build_object('hold', id)::text, $6
    from made
)
select id, subject_id as user_id, set_at as at from made;

-- name: lift_hold
with lifted as (
    update legal_hold set lifted_by = $2, lift_reason = $3, lifted_at = app_now()
    where id = $1 and lifted_at is null
    returning id, subject_id, set_at
), audited as (
    insert into audit_pending
        (id, actor_id, actor_role, action, subject_kind, subject_id, reason, detail, request_id)
    select $4, $2, 'admin', 'privacy.lift_hold', 'pool_user', subject_id, $3,
           json_build_object('hold', id)::text, $5
    from lifted
)
select id, subject_id as user_id, set_at as at from lifted;

-- name: read_requests
-- Ids are in the order of time, so the three merge by id. The read is audited with its reason.
with seen as (
    (select id, 'export' as kind, user_id, state, asked_at as at, expires_at as until
     from data_export where id < $1 order by id desc limit $2::int + 1)
    union all
    (select id, 'erasure', user_id, case when erased_at is null then 'restricted' else 'erased' end,
            restricted_at, erase_after
     from erasure where id < $1 order by id desc limit $2::int + 1)
    union all
    (select id, 'hold', subject_id, case when lifted_at is null then 'active' else 'lifted' end, set_at,
            lifted_at
     from legal_hold where id < $1 order by id desc limit $2::int + 1)
    order by id desc limit $2::int + 1
), page as (
    select id from seen order by id desc limit $2::int
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, reason, detail, request_id)
    select $3, $4, $7, 'admin.read_data_requests', 'data_request', $5,
           json_build_object('count', count(*), 'ids', coalesce(json_agg(id), '[]'))::text, $6
    from page
)
select id, kind, user_id, state, at, until from seen order by id desc;

-- name: read_own_exports
select json_build_object('askedAt', asked_at, 'state', state)::text as record, '{}'::text[] as names,
       '{}'::text[] as purposes, '{}'::text[] as places, '{}'::bytea[] as sealed
from data_export where user_id = $1 order by asked_at desc limit 10000;

-- name: read_own_trail
-- What was done to the person and by whom: a user, staff, or the system; the names of staff are not theirs to
-- have.
select json_build_object('at', at, 'what', action, 'by', actor_role)::text as record, '{}'::text[] as names,
       '{}'::text[] as purposes, '{}'::text[] as places, '{}'::bytea[] as sealed
from (select at, action, actor_role from audit_pending where subject_id = $1
      union all
      select at, action, actor_role from audit_log where subject_id = $1
      order by at desc limit 10000) trail
order by at desc;

-- name: read_sealed_exports
select id::text as row, document_sealed as sealed from data_export
where id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(document_sealed from 2 for 4) <> $1
order by id limit $3;

-- name: replace_sealed_exports
update data_export e set document_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where e.id = n.row::uuid and e.document_sealed = n.old;

-- name: read_sealed_tombstones
select id::text as row, tombstone_sealed as sealed from erasure
where id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(tombstone_sealed from 2 for 4) <> $1
order by id limit $3;

-- name: replace_sealed_tombstones
update erasure e set tombstone_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where e.id = n.row::uuid and e.tombstone_sealed = n.old;
