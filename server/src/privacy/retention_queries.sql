-- What erases. Every statement that takes a person's data runs after share_hold_lock in its transaction: it
-- is then seen by holds, or sees them.

-- name: share_hold_lock
select share_hold_lock()::text as locked;

-- name: take_hold_lock
select pg_advisory_xact_lock(hashtext('astrotalk.privacy.hold'))::text as locked;

-- name: is_person_held
select is_held($1) as held;

-- name: store_erasure
with made as (
    insert into erasure (id, user_id, cause, restricted_at, erase_after, tombstone_sealed, certificate,
                         certificate_mac)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
    returning id, user_id
)
insert into audit_pending (id, actor_role, action, subject_kind, subject_id, detail, request_id)
select $9, 'system', 'privacy.erase', 'pool_user', user_id,
       json_build_object('certificate', id, 'sha256', encode(sha256(convert_to($7, 'UTF8')), 'hex'))::text,
       $10
from made;

-- name: read_tombstone
-- The read and its audit row are one statement.
with found as (
    select id, user_id, tombstone_sealed from erasure where user_id = $1 and tombstone_sealed is not null
), audited as (
    insert into audit_pending (id, actor_role, action, subject_kind, subject_id, reason)
    select $2, 'operator', 'privacy.read_tombstone', 'pool_user', user_id, $3 from found
)
select id, tombstone_sealed from found;

-- name: purge_tombstones
-- By the database's clock: a node whose own is ahead destroys nothing early.
with due as (
    select id from erasure
    where erased_at is null and erase_after <= least($1, app_now()) and not is_held(user_id)
    order by erase_after, id limit $2
    for update skip locked
)
update erasure e
set tombstone_sealed = null, erased_at = app_now()
from due where e.id = due.id
returning e.id::text, e.restricted_at as at;

-- name: due_tombstones
select count(*) filter (where not held) as count, count(*) filter (where held) as held,
       min(restricted_at) filter (where not held) as oldest,
       max(restricted_at) filter (where not held) as newest
from (select restricted_at, is_held(user_id) as held from erasure
      where erased_at is null and erase_after <= $1) due;

-- name: purge_exports
with due as (
    select id from data_export
    where state = 'ready' and expires_at <= $1 and not is_held(user_id)
    order by expires_at, id limit $2
    for update skip locked
)
update data_export e set state = 'removed', document_sealed = null
from due where e.id = due.id
returning e.id::text, e.ready_at as at;

-- name: due_exports
select count(*) filter (where not held) as count, count(*) filter (where held) as held,
       min(ready_at) filter (where not held) as oldest, max(ready_at) filter (where not held) as newest
from (select ready_at, is_held(user_id) as held from data_export
      where state = 'ready' and expires_at <= $1) due;

-- name: purge_requests
delete from data_export
where id in (select id from data_export
             where state = 'removed' and asked_at < $1 and not is_held(user_id)
             order by asked_at, id limit $2 for update skip locked)
returning id::text, asked_at as at;

-- name: due_requests
select count(*) filter (where not held) as count, count(*) filter (where held) as held,
       min(asked_at) filter (where not held) as oldest, max(asked_at) filter (where not held) as newest
from (select asked_at, is_held(user_id) as held from data_export
      where state = 'removed' and asked_at < $1) due;

-- name: purge_holds
-- Those that were lifted. Who is held by another hold keeps them all.
delete from legal_hold
where id in (select id from legal_hold where lifted_at < $1 and not is_held(subject_id)
             order by lifted_at, id limit $2 for update skip locked)
returning id::text, lifted_at as at;

-- name: due_holds
select count(*) filter (where not held) as count, count(*) filter (where held) as held,
       min(lifted_at) filter (where not held) as oldest, max(lifted_at) filter (where not held) as newest
from (select lifted_at, is_held(subject_id) as held from legal_hold where lifted_at < $1) due;

-- name: add_purge_line
insert into purge_line (id, data_class, rows_gone, oldest, newest, ids_hash) values ($1, $2, $3, $4, $5, $6);

-- name: certify_lines
-- Those of a run that crashed too, and those of one that is under way: each line is certified once.
with mine as (
    select id from purge_line where certificate_id is null order by id for update skip locked
), certified as (
    update purge_line l set certificate_id = $1 from mine where l.id = mine.id
    returning l.id, l.data_class, l.rows_gone, l.oldest, l.newest, l.ids_hash
)
select data_class, rows_gone, oldest, newest, ids_hash from certified order by data_class, id;

-- name: store_certificate
with made as (
    insert into certificate (id, content, mac) values ($1, $2, $3) returning id, content
)
insert into audit_pending (id, actor_role, action, subject_kind, subject_id, detail)
select $4, 'system', 'privacy.purge', 'certificate', id,
       json_build_object('sha256', encode(sha256(convert_to(content, 'UTF8')), 'hex'))::text
from made;

-- name: find_certificate
select id, content, mac from certificate where id = $1
union all
select id, certificate, certificate_mac from erasure where id = $1;

-- name: list_columns
-- Every column in which text could lie, with the size of its table in blocks.
select c.oid::regclass::text as table_name, a.attname::text as column_name,
       (pg_relation_size(c.oid) / current_setting('block_size')::bigint)::bigint as blocks
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
where c.relkind = 'r' and n.nspname = current_schema() and a.attnum > 0 and not a.attisdropped
  and a.atttypid in ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype, 'bytea'::regtype,
                     'json'::regtype, 'jsonb'::regtype, 'xml'::regtype, 'text[]'::regtype,
                     'varchar[]'::regtype, 'bytea[]'::regtype)
order by 1, a.attnum;

-- name: scan_column
select scan_column($1, $2, $3, $4) as value;
