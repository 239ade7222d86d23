-- psql -v bookings=…, after people.sql in its session: bookings of the last year, and a quarter of all in
-- four weeks that begin in two days: any sooner, they would be settled and reminded of, by messages to phones
-- of nobody. No two overlap, for astrologers and users alike, and the ledger holds.
--
-- A booking has a place of its own in its astrologer's hours, places being an hour and a half apart: room for
-- the longest consultation with the longest buffers. A few astrologers are nearly full, most are not.
create temp table calendar as
with placed as (
    select a.id, row_number() over (order by a.id) as n, a.zone, a.buffer_before, a.buffer_after,
           a.chat_price, a.call_price, a.video_price, s.places, cardinality(s.places) as per_week
    from astrologer a
    join (select shape.weekly, array_agg(place order by place) as places
          from shapes as shape, generate_series(1, cardinality(weekly), 2) as i,
               generate_series(weekly[i], weekly[i + 1] - 90, 90) as place
          group by shape.weekly) as s using (weekly)
), weighed as (
    -- By the golden ratio, so that popularity is spread alike at every size.
    select *, (:'midnight'::timestamptz + interval '2 days') at time zone zone as begins,
           sum(power(mod(n * 0.6180339887498949, 1)::float8, 6) * per_week) over (order by n) as so_far,
           sum(power(mod(n * 0.6180339887498949, 1)::float8, 6) * per_week) over () as total
    from placed
), counted as (
    select *, floor(so_far / total * (:bookings / 4))::bigint as coming_until,
           floor(so_far / total * (:bookings - :bookings / 4))::bigint as past_until
    from weighed
)
select *, coming_until - lag(coming_until, 1, 0) over (order by n) as coming,
       past_until - lag(past_until, 1, 0) over (order by n) as past
from counted;

-- 7919 is prime and more than the places of a year, so that the steps of that length meet each place once.
create temp table placed as
select c.id as astrologer_id, c.n, k, part.coming, buffer_before, buffer_after, chat_price, call_price,
       video_price, (case when part.coming and local.at < begins then local.at + interval '28 days'
                          else local.at end) at time zone zone as starts_at
from calendar as c
cross join lateral (values (true, c.coming, 0, 4), (false, c.past, -52, 52))
      as part (coming, many, first_week, weeks)
cross join generate_series(0, part.many - 1) as k
cross join lateral (
    select (floor(pg_temp.chance(c.n, 'first place') * part.weeks * per_week)::bigint + k * 7919)
           % (part.weeks * per_week) as place
) as the
cross join lateral (
    select date_trunc('week', case when part.coming then begins
                                   else :'midnight'::timestamptz at time zone zone end)
           + (part.first_week + place / per_week) * interval '1 week'
           + places[1 + place % per_week] * interval '1 minute' as at
) as local;

-- Every second one is of the tenth of users who come often. Users take turns in the order of time, so that
-- two of the same user are days apart.
create temp table sold as
select p.nth as n, p.astrologer_id, pg_temp.user_id(case
           when p.nth % 2 = 0 then 1 + p.nth / 2 % (:users / 10)
           else 1 + :users / 10 + p.nth / 2 % (:users - :users / 10) end) as user_id,
       p.coming, not p.coming and pg_temp.chance(p.nth, 'cancelled') < 0.12 as cancelled,
       p.starts_at, ends_at, p.starts_at - buffer_before * interval '1 minute' as blocked_from,
       ends_at + buffer_after * interval '1 minute' as blocked_to, channel, each_minute,
       each_minute * minutes as price,
       least(p.starts_at - interval '10 days' * pg_temp.chance(p.nth, 'ahead'), :'midnight') as made_at
from (select *, row_number() over (order by starts_at, n, k) as nth from placed) as p
cross join lateral (
    select (array[15, 30, 30, 45, 60])[1 + floor(pg_temp.chance(p.nth, 'minutes') * 5)] as minutes
) as length
cross join lateral (select p.starts_at + minutes * interval '1 minute' as ends_at) as span
cross join lateral (
    select channel, each_minute
    from (values ('chat', chat_price), ('call', call_price), ('video', video_price))
         as offered (channel, each_minute)
    where each_minute is not null
    order by pg_temp.chance(p.nth, channel)
    limit 1
) as of_channel;
drop table placed;
analyze sold;

-- What refers to what is right by how it is spelled, so the checks of foreign keys are left out; the
-- exclusion constraints and all others stay on. Only a superuser may.
set session_replication_role = replica;
insert into occupancy (id, astrologer_id, user_id, kind, status, span, blocked, price_per_minute, created_at,
                       channel)
select pg_temp.id_of(made_at, '2', n), astrologer_id, user_id, 'booking',
       case when coming then 'active' when cancelled then 'released' else 'done' end,
       tstzrange(starts_at, ends_at), tstzrange(blocked_from, blocked_to), each_minute, made_at, channel
from sold order by astrologer_id, starts_at;
insert into wallet_hold (id, owner_id, cash, bonus, status, created_at, settled_at)
select pg_temp.id_of(made_at, '3', n), user_id, 0, price,
       case when coming then 'active' when cancelled then 'voided' else 'captured' end, made_at,
       case when not coming then ends_at end
from sold order by 1;
insert into booking (id, occupancy_id, wallet_hold_id, user_id, astrologer_id, starts_at, ends_at,
                     price_per_minute, price, state, cancelled_by, cancelled_at, refund, created_at, channel)
select pg_temp.id_of(made_at, '4', n), pg_temp.id_of(made_at, '2', n), pg_temp.id_of(made_at, '3', n),
       user_id, astrologer_id, starts_at, ends_at, each_minute, price,
       case when coming then 'confirmed' when cancelled then 'cancelled' else 'completed' end,
       case when cancelled then 'user' end, case when cancelled then made_at end,
       case when cancelled then price end, made_at, channel
from sold order by 1;

-- Two of five who were there say how it was.
insert into review (id, booking_id, user_id, astrologer_id, stars, text, created_at)
select pg_temp.id_of(ends_at, '8', n), pg_temp.id_of(made_at, '4', n), user_id, astrologer_id,
       5 - floor(4.99 * power(pg_temp.chance(n, 'stars'), 2))::int, 'Clear and kind.', ends_at
from sold where not coming and not cancelled and pg_temp.chance(n, 'review') < 0.4 order by 1;
update listing l set stars = counted.stars
from (select astrologer_id, array_agg(many order by n) as stars
      from (select a.astrologer_id, n, count(r.id)::int as many
            from (select distinct astrologer_id from review) a cross join generate_series(1, 5) n
            left join review r on r.astrologer_id = a.astrologer_id and r.stars = n
            group by 1, 2) as each
      group by 1) as counted
where counted.astrologer_id = l.id;

-- Everyone was given what they spent and a little more.
create temp table given as
select n, pg_temp.user_id(n) as user_id, 100 + floor(pg_temp.chance(n, 'left') * 200000)::bigint as left_over,
       coalesce(spent.held, 0) as held, coalesce(spent.paid, 0) as paid
from generate_series(1, :users) as n
left join (select user_id, sum(price) filter (where coming)::bigint as held,
                  sum(price) filter (where not coming and not cancelled)::bigint as paid
           from sold group by user_id) as spent on spent.user_id = pg_temp.user_id(n);
insert into wallet (owner_id, bonus, held) select user_id, left_over, held from given;
insert into wallet (owner_id) select id from astrologer;
insert into journal (id, kind, reference_id, at)
select pg_temp.id_of(:'midnight', '5', n), 'promotion.welcome', user_id, :'midnight' from given;
insert into posting (journal_id, line, debit_owner, debit_account, credit_owner, credit_account, amount)
select pg_temp.id_of(:'midnight', '5', n), 1, '00000000-0000-0000-0000-000000000000', 'promotions', user_id,
       'bonus', left_over + held + paid
from given;
insert into journal (id, kind, reference_id, at)
select pg_temp.id_of(made_at, '6', n), 'booking.hold', pg_temp.id_of(made_at, '4', n), made_at
from sold order by 1;
insert into posting (journal_id, line, debit_owner, debit_account, credit_owner, credit_account, amount)
select pg_temp.id_of(made_at, '6', n), 1, user_id, 'bonus', user_id, 'held', price from sold order by 1;
-- Half of a consultation is its astrologer's.
insert into journal (id, kind, reference_id, at)
select pg_temp.id_of(ends_at, '7', n), case when cancelled then 'booking.void' else 'booking.capture' end,
       pg_temp.id_of(made_at, '4', n), ends_at
from sold where not coming order by 1;
insert into posting (journal_id, line, debit_owner, debit_account, credit_owner, credit_account, amount)
select pg_temp.id_of(ends_at, '7', n), line, user_id, 'held', credit_owner, credit_account, amount
from sold
cross join lateral (values (1, cancelled, user_id, 'bonus', price),
                           (1, not cancelled, astrologer_id, 'earnings', price - price / 2),
                           (2, not cancelled, '00000000-0000-0000-0000-000000000000', 'commission',
                            price / 2))
      as leg (line, happened, credit_owner, credit_account, amount)
where not coming and happened
order by 1, 2;
set session_replication_role = origin;

-- Later migrations keep what astrologers earned beside their wallets.
select exists (select from information_schema.columns
               where table_name = 'wallet' and column_name = 'earnings') as wallets_have_earnings \gset
\if :wallets_have_earnings
update wallet w set earnings = e.earned
from (select astrologer_id, sum(price - price / 2) as earned
      from sold where not coming and not cancelled group by 1) as e
where e.astrologer_id = w.owner_id;
\endif

-- What the head of this file says. `ledger verify` looks at the rest.
select count(*) = :bookings as whole,
       count(*) filter (where starts_at < by_astrologer or starts_at < by_user) = 0 as apart
from (select starts_at,
             max(ends_at) over (partition by astrologer_id order by starts_at
                                rows between unbounded preceding and 1 preceding) as by_astrologer,
             max(ends_at) over (partition by user_id order by starts_at
                                rows between unbounded preceding and 1 preceding) as by_user
      from booking) as b \gset
\if :whole
\else
\warn 'there are not as many bookings as were asked for'
select 1 / 0;
\endif
\if :apart
\else
\warn 'bookings overlap'
select 1 / 0;
\endif
vacuum analyze pool_user, astrologer, listing, review, wallet, occupancy, wallet_hold, booking, journal,
    posting;
