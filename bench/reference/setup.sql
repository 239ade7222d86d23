-- Rows for the reference scripts, in a migrated database of their own. Ids are spelled from numbers:
-- astrologers 1 to 5000, users from 1000001. Every astrologer works round the clock; slots are an hour apart.
-- What refers to what is right by how it is spelled, so that the checks of foreign keys, a third of the time
-- this takes, are left out; only a superuser may.
set client_min_messages = warning;
set session_replication_role = replica;
insert into pool_user (id, phone_hash, phone_sealed, confirmed_at, user_type)
select lpad(to_hex(n), 32, '0')::uuid, int4send(n), '\x00', app_now(),
       case when n <= 5000 then 'astrologer' else 'user' end
from (select generate_series(1, 5000) union all select generate_series(1000001, 1000000 + :users))
     as numbers (n);
insert into astrologer (id, display_name, bio, languages, specializations, experience_years, city, status,
                        chat_price, call_price, weekly)
select lpad(to_hex(n), 32, '0')::uuid, 'Astrologer ' || n, repeat('Reads charts with care. ', 12), '{en,hi}',
       '{vedic,tarot}', 10, 'Jaipur', 'approved', 2500, 4000, '{0,10080}'
from generate_series(1, 5000) as numbers (n);
insert into wallet (owner_id, cash)
select lpad(to_hex(n), 32, '0')::uuid, 1000000000
from generate_series(1000001, 1000000 + :users) as numbers (n);

-- A past of twenty bookings for each astrologer, so that plans are made for tables with rows in them.
insert into occupancy (id, astrologer_id, user_id, kind, span, blocked, channel, price_per_minute)
select lpad(to_hex(90000000000000 + n), 32, '0')::uuid, lpad(to_hex(1 + n % 5000), 32, '0')::uuid,
       lpad(to_hex(1000001 + n % :users), 32, '0')::uuid, 'booking',
       tstzrange(at, at + interval '30 minutes'), tstzrange(at, at + interval '35 minutes'), 'chat', 2500
from generate_series(0, 99999) as numbers (n),
     lateral (select timestamptz '2026-01-01 00:00Z' + n / 5000 * interval '1 hour') as slot (at);
-- And a full calendar: astrologer 1 has 500 bookings in the next 30 days.
insert into occupancy (id, astrologer_id, user_id, kind, span, blocked, channel, price_per_minute)
select lpad(to_hex(80000000000000 + n), 32, '0')::uuid, lpad('1', 32, '0')::uuid,
       lpad(to_hex(1000001 + n), 32, '0')::uuid, 'booking',
       tstzrange(at, at + interval '30 minutes'), tstzrange(at, at + interval '35 minutes'), 'chat', 2500
from generate_series(1, 500) as numbers (n),
     lateral (select date_trunc('hour', app_now()) + n * interval '80 minutes' as at) as slot;
-- In a copy of a large data set, whose ids begin with the time, only of what was made here.
create temp view made as select * from occupancy where id < '01000000-0000-0000-0000-000000000000';
insert into wallet_hold (id, owner_id, bonus, cash) select id, user_id, 0, 75000 from made;
insert into booking (id, occupancy_id, wallet_hold_id, user_id, astrologer_id, starts_at, ends_at,
       channel, price_per_minute, price)
select id, id, id, user_id, astrologer_id, lower(span), upper(span), 'chat', 2500, 75000 from made;
insert into journal (id, kind, reference_id) select id, 'booking.hold', id from made;
insert into posting (journal_id, line, debit_owner, debit_account, credit_owner, credit_account, amount)
select id, 1, user_id, 'cash', user_id, 'held', 75000 from made;
insert into idempotency (owner_id, key, fingerprint, status, answer)
select user_id, id::text, sha256('x'), 201, repeat('x', 280) from made;
vacuum analyze pool_user, astrologer, wallet, occupancy, wallet_hold, booking, journal, posting, idempotency;
