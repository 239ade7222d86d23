-- pgbench -M prepared -D n=0 -D users=… : hold.sql, then a booking of that hold: the reads that it needs and
-- the same rows. The cost of a booking is this less hold.sql.
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

select o.astrologer_id, lower(o.span), upper(o.span), o.channel, o.price_per_minute, o.expires_at,
       a.display_name, w.cash, w.bonus
from occupancy o join astrologer a on a.id = o.astrologer_id join wallet w on w.owner_id = o.user_id
where o.id = lpad(to_hex(:serial::bigint), 32, '0')::uuid;
with taken as (
    update occupancy set kind = 'booking', expires_at = null
    where id = lpad(to_hex(:serial::bigint), 32, '0')::uuid
    returning id, user_id, astrologer_id, lower(span) as starts_at, upper(span) as ends_at
), paid as (
    update wallet set cash = cash - 75000, held = held + 75000 from taken where owner_id = taken.user_id
), kept as (
    insert into wallet_hold (id, owner_id, bonus, cash) select id, user_id, 0, 75000 from taken
), booked as (
    insert into booking (id, occupancy_id, wallet_hold_id, user_id, astrologer_id, starts_at, ends_at,
                         channel, price_per_minute, price)
    select id, id, id, user_id, astrologer_id, starts_at, ends_at, 'chat', 2500, 75000 from taken
), entry as (
    insert into journal (id, kind, reference_id) select id, 'booking.hold', id from taken
), lines as (
    insert into posting (journal_id, line, debit_owner, debit_account, credit_owner, credit_account, amount)
    select id, 1, user_id, 'cash', user_id, 'held', 75000 from taken
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select lpad(to_hex(:serial::bigint + 1000000000000), 32, '0')::uuid, user_id, 'user', 'booking.create',
           'booking', id, 'reference' from taken
), effect as (
    insert into outbox (id, kind, payload) select id, 'booking.confirmed', repeat('x', 90)::bytea from taken
)
insert into idempotency (owner_id, key, fingerprint, status, answer)
select user_id, 'book ' || id, sha256('x'), 201, repeat('x', 420) from taken;
