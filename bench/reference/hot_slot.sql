-- pgbench -M prepared -D users=…: everyone wants the same half hour of one astrologer; a new one every 50 ms.
\set user random(1000001, 1000000 + :users)
with slot as (
    select timestamptz '2027-06-01 00:00Z'
           + (floor(extract(epoch from clock_timestamp()) * 20)::bigint % 100000) * interval '1 hour' as at
), made as (
    insert into occupancy (id, astrologer_id, user_id, kind, span, blocked, channel, price_per_minute,
                           expires_at)
    select gen_random_uuid(), lpad('1', 32, '0')::uuid, lpad(to_hex(:user::bigint), 32, '0')::uuid, 'hold',
           tstzrange(at, at + interval '30 minutes'), tstzrange(at, at + interval '35 minutes'),
           'chat', 2500, app_now() + interval '5 minutes'
    from slot
    on conflict do nothing
    returning id, user_id
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select id, user_id, 'user', 'hold.create', 'occupancy', id, 'reference' from made
)
insert into idempotency (owner_id, key, fingerprint, status, answer)
select user_id, id::text, sha256('x'), 201, repeat('x', 280) from made;
