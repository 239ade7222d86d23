-- One statement is one transaction. Locks are always taken in one order, so that no cycle can form:
--   booking row, wallet_hold row, holds that end (by id), the new occupancy, wallet row, idempotency key.
-- A statement ends only occupancies that its reading statement saw (its user's own hold, and stale holds
-- in the way) and locks all of them before it changes any; see 0005-booking/why.md for why that is enough.

-- name: read_hold_terms
-- What a hold is decided by: the astrologer's rules, what counts towards the caps, what is in the way, what
-- would have to end, what the user's profile lacks, whether they had their free consultation ($6: it
-- matters), and the stored answer.
select case when a.id is not null then array[a.chat_price, a.call_price, a.video_price] end as prices,
       a.zone, coalesce(a.weekly, '{}') as weekly, a.buffer_before::int,
       a.buffer_after::int, a.notice_minutes,
       a.window_days::int, a.slot_interval::int, coalesce(a.lengths, '{}') as lengths,
       a.free_minutes::int, coalesce(a.breaks, '{}') as breaks, coalesce(a.overrides, '{}') as overrides,
       a.daily_cap::int, a.weekly_cap::int,
       case when a.daily_cap is not null or a.weekly_cap is not null
            then counted_starts($2, $1, $3::timestamptz - interval '9 days',
                                $3::timestamptz + interval '9 days')
            else '{}' end as counted,
       i.fingerprint, i.status::int as answered, i.answer,
       coalesce(near.taken, false) as taken, coalesce(near.stale, '{}') as stale,
       (select o.id from occupancy o where o.user_id = $1 and o.status = 'active'
              and o.kind = 'hold') as own_hold,
       profile_gaps(u) as missing,
       $6 and exists (select from occupancy o
                      where o.user_id = $1 and o.astrologer_id = $2 and o.price_per_minute = 0
                        and o.kind = 'booking' and o.status in ('active', 'done')) as free_used,
       are_blocked($1, $2) as blocked
from (values (1)) as always (one)
left join pool_user u on u.id = $1
left join astrologer a on a.id = $2 and a.status = 'approved' and a.lowest_price is not null
                      and exists (select from pool_user h where h.id = a.id and h.enabled)
left join idempotency i on i.owner_id = $1 and i.key = $5
left join lateral (
    select bool_or(o.kind <> 'hold' or (o.user_id <> $1 and o.expires_at > app_now())) as taken,
           array_agg(o.id) filter (where o.kind = 'hold' and o.user_id <> $1
                  and o.expires_at <= app_now()) as stale
    from occupancy o
    where o.astrologer_id = $2 and o.status = 'active'
      and o.blocked && tstzrange($3::timestamptz - a.buffer_before * interval '1 minute',
                                 $4::timestamptz + a.buffer_after * interval '1 minute')
) near on true;

-- name: make_hold
-- When nothing has to end. No row comes back when a rival was first; the caps ($17: there are some) are
-- counted again when it is in, and refuse it by their name.
with made as (
    insert into occupancy (id, astrologer_id, user_id, kind, span, blocked, channel, price_per_minute,
                           expires_at, capped)
    values ($1, $2, $3, 'hold', tstzrange($4, $5), tstzrange($6, $7), $8, $9, $10, $17)
    on conflict do nothing
    returning id
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $14, $3, $15, 'hold.create', 'occupancy', id, $16 from made
), claim as (
    insert into idempotency (owner_id, key, fingerprint, status, answer)
    select $3, $11, $12, 201, $13 from made
)
select id from made;

-- name: replace_hold
-- When the user's own hold or stale holds of others ($18) have to end for it. The new hold selects from
-- the ending, or it would not see the time as free. Losing a race aborts the statement, so that the old hold
-- stays. The locked rows pass through an array: a join would lock and change one by one, and deadlock.
with locked as (
    select id from occupancy
    where id = any ($18::uuid[]) and status = 'active' and kind = 'hold'
      and (user_id = $3 or expires_at <= app_now())
    order by id
    for no key update
), ended as (
    update occupancy o
    set status = case when o.user_id = $3 and o.expires_at > app_now() then 'replaced' else 'expired' end
    where o.id = any (array(select id from locked))
    returning o.id
), made as (
    insert into occupancy (id, astrologer_id, user_id, kind, span, blocked, channel, price_per_minute,
                           expires_at, capped)
    select $1, $2, $3, 'hold', tstzrange($4, $5), tstzrange($6, $7), $8, $9, $10, $17
    from (select count(*) from ended) as first
    on conflict do nothing
    returning id
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $14, $3, $15, 'hold.create', 'occupancy', id, $16 from made
), claim as (
    insert into idempotency (owner_id, key, fingerprint, status, answer)
    select $3, $11, $12, 201, $13 from made
)
select $1::uuid as id, case when not exists (select
       from made) then refuse('hold_lost_race') end::text as lost;

-- name: read_calendar
-- All that the slots of an astrologer between two instants are computed from: the rules, what the caps count,
-- the astrologer's time that is taken, with its buffers, and the user's own. The user's own hold is not in
-- the way of another choice of theirs. Sorted before it is gathered: ordering ranges inside two aggregates
-- took most of the time for a full calendar.
select array[a.chat_price, a.call_price, a.video_price] as prices,
       a.zone, a.weekly, a.buffer_before::int, a.buffer_after::int, a.notice_minutes, a.window_days::int,
       a.slot_interval::int, a.lengths, a.free_minutes::int, a.breaks, a.overrides, a.daily_cap::int,
       a.weekly_cap::int,
       case when a.daily_cap is not null or a.weekly_cap is not null
            then counted_starts($1, $2, $3::timestamptz - interval '9 days',
                                $4::timestamptz + interval '9 days')
            else '{}' end as counted,
       coalesce(t.starts, '{}') as astrologer_from, coalesce(t.ends, '{}') as astrologer_to,
       coalesce(own.starts, '{}') as user_from, coalesce(own.ends, '{}') as user_to
from astrologer a
cross join lateral (
    select array_agg(f) as starts, array_agg(t) as ends
    from (select lower(blocked) as f, upper(blocked) as t
          from occupancy
          where astrologer_id = $1 and status = 'active'
            and blocked && tstzrange($3::timestamptz - a.buffer_before * interval '1 minute',
                                     $4::timestamptz + a.buffer_after * interval '1 minute')
            and (kind <> 'hold' or (user_id <> $2 and expires_at > app_now()))
          order by f) as sorted
) t
cross join lateral (
    select array_agg(f) as starts, array_agg(t) as ends
    from (select lower(span) as f, upper(span) as t
          from occupancy
          where user_id = $2 and status = 'active' and kind <> 'hold' and span && tstzrange($3, $4)
          order by f) as sorted
) own
where a.id = $1 and a.status = 'approved' and a.lowest_price is not null
  and exists (select from pool_user h where h.id = a.id and h.enabled);

-- name: find_hold
select id, astrologer_id, lower(span) as starts_at, upper(span) as ends_at,
       (extract(epoch from upper(span) - lower(span)) / 60)::int as minutes, channel, price_per_minute,
       (price_per_minute * extract(epoch from upper(span) - lower(span)) / 60)::bigint as price, expires_at,
       extended
from occupancy
where id = $1 and user_id = $2 and kind = 'hold' and status = 'active' and expires_at > app_now();

-- name: release_hold
with released as (
    update occupancy set status = 'released'
    where id = $1 and user_id = $2 and kind = 'hold' and status = 'active' and expires_at > app_now()
    returning id
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $3, $2, $4, 'hold.release', 'occupancy', id, $5 from released
)
select id from released;

-- name: expire_holds
with due as (
    select id from occupancy
    where status = 'active' and kind = 'hold' and expires_at <= app_now()
    order by expires_at, id
    limit $1
    for no key update skip locked
)
update occupancy o set status = 'expired' from due where o.id = due.id returning o.id;

-- name: read_book_terms
-- The hold, what its user can pay, what their profile lacks, and the stored answer.
select i.fingerprint, i.status::int as answered, i.answer,
       o.astrologer_id, a.display_name as astrologer_name, lower(o.span) as starts_at,
              upper(o.span) as ends_at,
       o.channel, o.price_per_minute,
       o.kind = 'hold' and o.status = 'active' and o.expires_at > app_now() and u.enabled
       and exists (select from pool_user h where h.id = o.astrologer_id and h.enabled)
       and not are_blocked($1, o.astrologer_id) as held,
       w.cash, w.bonus, profile_gaps(u) as missing
from (values (1)) as always (one)
left join pool_user u on u.id = $1
left join occupancy o on o.id = $2 and o.user_id = $1 and o.kind in ('hold', 'booking')
left join astrologer a on a.id = o.astrologer_id
left join wallet w on w.owner_id = $1
left join idempotency i on i.owner_id = $1 and i.key = $3;

-- name: book_hold
-- Takes the hold, sets the money aside and writes the booking. $3 paise come from the bonus and $4 from
-- cash, as decided
-- from the wallet that was read; should it hold less by now, its constraint aborts everything. No row: the
-- hold was gone, or one of the two may not act any more. Both are locked: whoever is being disabled or closes
-- their account meanwhile has this booking in time to see it, or this finds them gone.
with parties as (
    select o.id
    from occupancy o
    join astrologer a on a.id = o.astrologer_id
    join pool_user h on h.id = a.id and h.enabled
    join pool_user u on u.id = o.user_id and u.enabled
    where o.id = $1
    for key share of a, h, u
), taken as (
    update occupancy set kind = 'booking', expires_at = null
    where id = (select id from parties) and user_id = $2 and kind = 'hold' and status = 'active'
      and expires_at > app_now()
    returning id, astrologer_id, lower(span) as starts_at, upper(span) as ends_at, channel, price_per_minute
), paid as (
    update wallet set bonus = bonus - $3::bigint, cash = cash - $4::bigint, held = held + $3::bigint
           + $4::bigint
    from taken
    where owner_id = $2
    returning owner_id
), kept as (
    insert into wallet_hold (id, owner_id, bonus, cash)
    select $5, $2, $3, $4 from taken
), booked as (
    insert into booking (id, occupancy_id, wallet_hold_id, user_id, astrologer_id, starts_at, ends_at,
                         channel, price_per_minute, price, policy, created_at)
    select $6, id, $5, $2, astrologer_id, starts_at, ends_at, channel, price_per_minute,
           $3::bigint + $4::bigint, $17, $7
    from taken
), entry as (
    insert into journal (id, kind, reference_id)
    select $8, 'booking.hold', $6 from taken where $3::bigint + $4::bigint > 0  -- a free one moves no money
), lines as (
    insert into posting (journal_id, line, debit_owner, debit_account, credit_owner, credit_account, amount)
    select $8, line, $2, account, $2, 'held', amount
    from taken, (values (1, 'bonus', $3::bigint), (2, 'cash', $4::bigint)) as part (line, account, amount)
    where amount > 0
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $9, $2, $10, 'booking.create', 'booking', $6, $11 from taken
), effect as (
    insert into outbox (id, kind, payload) select $12, 'booking.confirmed', $13 from taken
), claim as (
    insert into idempotency (owner_id, key, fingerprint, status, answer)
    select $2, $14, $15, 201, $16 from paid
)
select id from taken;

-- name: read_answer
select fingerprint, status::int as answered, answer from idempotency where owner_id = $1 and key = $2;

-- name: find_booking
select b.id, b.user_id, b.astrologer_id, a.display_name as astrologer_name, b.starts_at, b.ends_at,
       (extract(epoch from b.ends_at - b.starts_at) / 60)::int as minutes, b.channel, b.price_per_minute,
       b.price, b.state, b.cancelled_by, b.cancelled_at, b.refund, b.no_show_by, b.settled_at, b.apology,
       b.reschedules::int, b.reassigned_from, b.user_checked_in_at, b.astrologer_checked_in_at,
       b.policy::text, b.created_at
from booking b join astrologer a on a.id = b.astrologer_id
where b.id = $1;

-- name: list_bookings_of_user
select b.id, b.user_id, b.astrologer_id, a.display_name as astrologer_name, b.starts_at, b.ends_at,
       (extract(epoch from b.ends_at - b.starts_at) / 60)::int as minutes, b.channel, b.price_per_minute,
       b.price, b.state, b.cancelled_by, b.cancelled_at, b.refund, b.no_show_by, b.settled_at, b.apology,
       b.reschedules::int, b.reassigned_from, b.user_checked_in_at, b.astrologer_checked_in_at,
       b.policy::text, b.created_at
from booking b join astrologer a on a.id = b.astrologer_id
where b.user_id = $1 and b.id < $2
order by b.id desc
limit $3;

-- name: list_bookings_of_astrologer
select b.id, b.user_id, b.astrologer_id, a.display_name as astrologer_name, b.starts_at, b.ends_at,
       (extract(epoch from b.ends_at - b.starts_at) / 60)::int as minutes, b.channel, b.price_per_minute,
       b.price, b.state, b.cancelled_by, b.cancelled_at, b.refund, b.no_show_by, b.settled_at, b.apology,
       b.reschedules::int, b.reassigned_from, b.user_checked_in_at, b.astrologer_checked_in_at,
       b.policy::text, b.created_at
from booking b join astrologer a on a.id = b.astrologer_id
where b.astrologer_id = $1 and b.id < $2
order by b.id desc
limit $3;
