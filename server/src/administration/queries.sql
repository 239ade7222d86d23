-- name: read_users
-- The read and its audit row are one statement: nobody's data is shown without a trace of whose it was.
with seen as (
    select id, user_type, groups, phone_sealed, profile_status, enabled,
           confirmed_at is not null as confirmed, created_at
    from pool_user where id < $1 order by id desc limit $2::int + 1
), page as (
    select id from seen order by id desc limit $2::int
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, reason, detail, request_id)
    select $3, $4, $7, 'admin.read_users', 'pool_user', $5,
           json_build_object('count', count(*), 'ids', coalesce(json_agg(id), '[]'))::text, $6
    from page
)
select id, user_type, groups, phone_sealed, profile_status, enabled, confirmed, created_at
from seen order by id desc;

-- name: read_bookings
with seen as (
    select b.id, b.user_id, b.astrologer_id, a.display_name as astrologer_name, b.starts_at, b.ends_at,
           (extract(epoch from b.ends_at - b.starts_at) / 60)::int as minutes, b.channel, b.price_per_minute,
           b.price, b.state, b.cancelled_by, b.cancelled_at, b.refund, b.created_at
    from booking b join astrologer a on a.id = b.astrologer_id
    where b.id < $1 order by b.id desc limit $2::int + 1
), page as (
    select id from seen order by id desc limit $2::int
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, reason, detail, request_id)
    select $3, $4, $7, 'admin.read_bookings', 'booking', $5,
           json_build_object('count', count(*), 'ids', coalesce(json_agg(id), '[]'))::text, $6
    from page
)
select id, user_id, astrologer_id, astrologer_name, starts_at, ends_at, minutes, channel, price_per_minute,
       price, state, cancelled_by, cancelled_at, refund, created_at
from seen order by id desc;

-- name: list_audit
-- Ids are in the order of time, so the two tables merge by id; a row is in exactly one of them at any moment.
(select seq, id, at, actor_id, actor_role, action, subject_kind, subject_id, reason, detail
 from audit_log where id < $1 order by id desc limit $2)
union all
(select null::bigint, id, at, actor_id, actor_role, action, subject_kind, subject_id, reason, detail
 from audit_pending where id < $1 order by id desc limit $2)
order by id desc limit $2;

-- name: list_dead_letters
select id, kind, attempts, last_error, dead_at, created_at
from outbox where dead_at is not null and id < $1
order by id desc limit $2;

-- name: replay_dead_letter
with revived as (
    update outbox set dead_at = null, attempts = 0, last_error = null, run_at = app_now()
    where id = $1 and dead_at is not null
    returning id, kind
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $2, $3, 'admin', 'outbox.replay', 'outbox', id, json_build_object('kind', kind)::text, $4
    from revived
)
select id from revived;

-- name: discard_dead_letter
with gone as (
    delete from outbox where id = $1 and dead_at is not null returning id, kind, attempts, created_at
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, detail,
                               request_id)
    select $2, $3, 'admin', 'outbox.discard', 'outbox', id, $4,
           json_build_object('kind', kind, 'attempts', attempts)::text, $5
    from gone
)
select id from gone;
