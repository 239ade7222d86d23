-- pgbench -M prepared -D n=0 -D users=… : a hold and nothing else, the read that a price needs and then the
-- same rows. Each of up to 32 clients walks through users of its own, because a user has one active hold:
-- users / 32 holds each.
\set n :n + 1
\set serial :client_id * 1000000 + :n
\set user 1000001 + (:n * 32 + :client_id) % :users
\set astrologer 1 + :serial % 5000
\set slot :serial / 5000
select chat_price, zone, weekly, buffer_before, buffer_after, notice_minutes, window_days
from astrologer where id = lpad(to_hex(:astrologer::bigint), 32, '0')::uuid and status = 'approved';
with made as (
    insert into occupancy (id, astrologer_id, user_id, kind, span, blocked, channel, price_per_minute,
                           expires_at)
    select lpad(to_hex(:serial::bigint), 32, '0')::uuid, lpad(to_hex(:astrologer::bigint), 32, '0')::uuid,
           lpad(to_hex(:user::bigint), 32, '0')::uuid, 'hold',
           tstzrange(at, at + interval '30 minutes'), tstzrange(at, at + interval '35 minutes'),
           'chat', 2500, app_now() + interval '5 minutes'
    from (select timestamptz '2027-01-01 00:00Z' + :slot * interval '1 hour') as slot (at)
    on conflict do nothing
    returning id, user_id
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select id, user_id, 'user', 'hold.create', 'occupancy', id, 'reference' from made
)
insert into idempotency (owner_id, key, fingerprint, status, answer)
select user_id, id::text, sha256('x'), 201, repeat('x', 280) from made;
