-- name: try_sealing
-- One sealer at a time, whoever holds the lease: the lock ends with the transaction.
select pg_try_advisory_xact_lock(hashtext('astrotalk.audit.seal')) as taken;

-- name: read_head
select seq, hash from audit_log order by seq desc limit 1;

-- name: read_pending
-- By id: the order of time, and an index. A queue emptied from the front must not be scanned whole.
select 0::bigint as seq, id, at, actor_id, actor_role, action, subject_kind, subject_id, reason, detail,
       request_id
from audit_pending order by id limit $1;

-- name: move_pending
with sealed as (
    select * from unnest($1::uuid[], $2::bigint[], $3::bytea[]) as s(id, seq, hash)
), moved as (
    delete from audit_pending p using sealed s where p.id = s.id returning p.*, s.seq, s.hash
)
insert into audit_log (seq, id, at, actor_id, actor_role, action, subject_kind, subject_id, reason, detail,
                       request_id, hash)
select seq, id, at, actor_id, actor_role, action, subject_kind, subject_id, reason, detail, request_id, hash
from moved order by seq;

-- name: read_sealed
select seq, id, at, actor_id, actor_role, action, subject_kind, subject_id, reason, detail, request_id, hash
from audit_log where seq > $1 order by seq limit $2;

-- name: read_tail
select count(*) as rows, min(at) as oldest from audit_pending;
