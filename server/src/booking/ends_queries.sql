-- How holds and bookings end. The order of locks is queries.sql's: booking, wallet_hold, occupancies by id,
-- the new occupancy, wallets by id, idempotency key.

-- name: extend_hold
with extended as (
    update occupancy
    set expires_at = $3, extended = true
    where id = $1 and user_id = $2 and kind = 'hold' and status = 'active' and expires_at > app_now()
      and not extended
    returning id
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $4, $2, $5, 'hold.extend', 'occupancy', id, $6 from extended
), claim as (
    insert into idempotency (owner_id, key, fingerprint, status, answer)
    select $2, $7, $8, 200, $9 from extended
)
select id from extended;

-- name: read_hold
-- A hold of that user, also one that has ended, and the stored answer.
select i.fingerprint, i.status::int as answered, i.answer,
       o.id, o.astrologer_id, lower(o.span) as starts_at, upper(o.span) as ends_at, o.channel,
       o.price_per_minute, o.expires_at, o.extended,
       o.kind = 'hold' and o.status = 'active' and o.expires_at > app_now() as held
from (values (1)) as always (one)
left join occupancy o on o.id = $2 and o.user_id = $1 and o.kind in ('hold', 'booking')
left join idempotency i on i.owner_id = $1 and i.key = $3;

-- name: read_sold
-- A booking with what was paid for it and what it blocks.
select b.id, b.user_id, b.astrologer_id, a.display_name as astrologer_name, b.starts_at, b.ends_at,
       (extract(epoch from b.ends_at - b.starts_at) / 60)::int as minutes, b.channel, b.price_per_minute,
       b.price, b.state, b.cancelled_by, b.cancelled_at, b.refund, b.no_show_by, b.settled_at, b.apology,
       b.reschedules::int, b.reassigned_from, b.user_checked_in_at, b.astrologer_checked_in_at,
       b.policy::text, b.created_at,
       h.bonus as paid_bonus, h.cash as paid_cash, b.occupancy_id,
       lower(o.blocked) as blocked_from, upper(o.blocked) as blocked_to
from booking b
join astrologer a on a.id = b.astrologer_id
join wallet_hold h on h.id = b.wallet_hold_id
join occupancy o on o.id = b.occupancy_id
where b.id = $1;

-- name: end_booking
-- A booking leaves `confirmed`: its money goes where $6 to $11 say, and its time is free. No row: it is not
-- as it was when that was decided, by its time ($12) too, which a move and another astrologer change. Both
-- wallets are locked in the order of their ids before either changes, for an astrologer can be somebody
-- else's user. Without a key ($28) nobody is answered.
with ended as (
    update booking
    set state = $2, cancelled_by = $3::text, settled_at = $5, refund = $6::bigint + $7::bigint, apology = $10,
        cancelled_at = case when $3::text is not null then $5::timestamptz end, no_show_by = $4, penalty = $11
    where id = $1 and state = 'confirmed' and occupancy_id = $12
      and (user_checked_in_at is not null) = $13 and (astrologer_checked_in_at is not null) = $14
      and (not $15::boolean or starts_at > app_now())
    returning occupancy_id, wallet_hold_id, user_id, astrologer_id
), settled as (
    update wallet_hold h
    set status = case when $8::bigint + $9::bigint > 0 then 'captured' else 'voided' end, settled_at = $5
    from ended e
    where h.id = e.wallet_hold_id and h.status = 'active'
      and h.cash + h.bonus = $6::bigint + $7::bigint + $8::bigint + $9::bigint
    returning e.occupancy_id, e.user_id, e.astrologer_id, h.cash + h.bonus as price
), freed as (
    update occupancy o
    set status = case when $2 = 'cancelled' then 'released' else 'done' end
    from settled s
    where o.id = s.occupancy_id and o.status = 'active'
    returning s.user_id, s.astrologer_id, s.price, array[s.user_id]
              || case when $8::bigint > 0 or $11::bigint > 0 then array[s.astrologer_id] end as owners
), purses as (
    select w.owner_id from freed f join wallet w on w.owner_id = any (f.owners)
    order by w.owner_id for no key update of w
), moved as (
    update wallet w
    set cash = w.cash + case when w.owner_id = f.user_id then $6::bigint else 0 end,
        bonus = w.bonus + case when w.owner_id = f.user_id then $7::bigint + $10::bigint else 0 end,
        held = w.held - case when w.owner_id = f.user_id then f.price else 0 end,
        earnings = w.earnings + case when w.owner_id = f.user_id then 0 else $8::bigint - $11::bigint end
    from freed f
    where w.owner_id = any (array(select owner_id from purses))
    returning w.owner_id
), legs as (
    select leg.*
    from freed f, (values ('00000000-0000-0000-0000-000000000000'::uuid)) as nobody (ours), lateral (values
        ($16::uuid, 1, 'booking.void', f.user_id, 'held', f.user_id, 'cash', $6::bigint),
        ($16::uuid, 2, 'booking.void', f.user_id, 'held', f.user_id, 'bonus', $7::bigint),
        ($17::uuid, 1, 'booking.capture', f.user_id, 'held', f.astrologer_id, 'earnings', $8::bigint),
        ($17::uuid, 2, 'booking.capture', f.user_id, 'held', ours, 'commission', $9::bigint),
        ($18::uuid, 1, 'promotion.apology', ours, 'promotions', f.user_id, 'bonus', $10::bigint),
        ($19::uuid, 1, 'booking.penalty', f.astrologer_id, 'earnings', ours, 'penalties', $11::bigint)
    ) as leg (journal, line, kind, debit_owner, debit, credit_owner, credit, amount)
    where leg.amount > 0
), entries as (
    insert into journal (id, kind, reference_id) select distinct journal, kind, $1::uuid from legs
), lines as (
    insert into posting (journal_id, line, debit_owner, debit_account, credit_owner, credit_account, amount)
    select journal, line, debit_owner, debit, credit_owner, credit, amount from legs
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, detail,
                               request_id)
    select $20, $21::uuid, $22, $23, 'booking', $1, $24, json_build_object('state', $2::text, 'legs',
           (select json_object_agg(kind || '.' || credit, amount) from legs))::text, $25
    from freed
), effect as (
    insert into outbox (id, kind, payload) select $26, 'booking.' || $2, $27 from freed
), claim as (
    insert into idempotency (owner_id, key, fingerprint, status, answer)
    select $21::uuid, $28::text, $29, 200, $30 from freed where $28::text is not null
)
select e.wallet_hold_id as id, case when (select count(*) from moved) is distinct from
       (select cardinality(owners) from freed) then refuse('booking_settled_once') end::text as broken
from ended e;

-- name: reschedule_booking
-- The booking gets a new occupancy and its old one ends, with own and stale holds in the way ($9), as in
-- replace_hold; the why.md of the migration booking-ends says why not in place. Who comes to the old time
-- has not come to the new one. No row: the booking is not as it was when this was decided. Losing a race
-- for the time aborts the statement.
with moving as (
    update booking
    set starts_at = $2, ends_at = $3, occupancy_id = $4, reschedules = reschedules + 1,
        user_checked_in_at = null, astrologer_checked_in_at = null
    where id = $1 and state = 'confirmed' and reschedules = $5 and starts_at > app_now()
    returning user_id, astrologer_id, channel, price_per_minute
), locked as (
    select o.id
    from moving m
    join occupancy o on o.id = any ($9::uuid[] || $8::uuid)
    where o.status = 'active'
      and (o.id = $8::uuid
           or (o.kind = 'hold' and (o.user_id = m.user_id or o.expires_at <= app_now())))
    order by o.id
    for no key update of o
), left_behind as (
    update occupancy o
    set status = case when o.kind = 'booking' or o.expires_at > app_now() then 'replaced' else 'expired' end
    where o.id = any (array(select id from locked))
    returning o.id
), made as (
    insert into occupancy (id, astrologer_id, user_id, kind, span, blocked, channel, price_per_minute, capped)
    select $4, m.astrologer_id, m.user_id, 'booking', tstzrange($2, $3), tstzrange($6, $7), m.channel,
           m.price_per_minute, $18
    from moving m, (select count(*) from left_behind where id = $8::uuid) as old (count)
    where old.count = 1
    on conflict do nothing
    returning id
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $10, user_id, $11, 'booking.reschedule', 'booking', $1, $12 from moving
), effect as (
    insert into outbox (id, kind, payload) select $13, 'booking.rescheduled', $14 from moving
), claim as (
    insert into idempotency (owner_id, key, fingerprint, status, answer)
    select user_id, $15, $16, 200, $17 from moving
)
select $4::uuid as id,
       case when not exists (select from made) then refuse('reschedule_lost_race') end::text as lost
from moving;

-- name: read_holds_in_the_way
-- Of a user who wants an astrologer's time ($3 to $4 for the user, $5 to $6 blocked): those that may be
-- ended for it.
select array(select id from occupancy
             where astrologer_id = $2 and status = 'active' and kind = 'hold' and user_id <> $1
               and expires_at <= app_now() and blocked && tstzrange($5, $6)
             union
             select id from occupancy
             where user_id = $1 and status = 'active' and kind = 'hold'
               and (span && tstzrange($3, $4)
                    or (astrologer_id = $2 and blocked && tstzrange($5, $6)))) as ids;

-- name: check_in
-- Repeating it changes nothing: the first time counts. $2 says as which side, $3 how many minutes before
-- the start.
with came as (
    update booking
    set user_checked_in_at = case when $2 = 'user' then coalesce(user_checked_in_at, app_now())
                                  else user_checked_in_at end,
        astrologer_checked_in_at = case when $2 = 'astrologer'
                                        then coalesce(astrologer_checked_in_at, app_now())
                                        else astrologer_checked_in_at end
    where id = $1 and state = 'confirmed' and app_now() >= starts_at - $3::int * interval '1 minute'
      and app_now() < ends_at
      and case $2 when 'user' then user_checked_in_at else astrologer_checked_in_at end is null
    returning id
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $4, $5, $6, 'booking.check_in', 'booking', id, $7 from came
)
select id from came;

-- name: find_due
-- Bookings whose time is over and that nobody has ended, the oldest first, after that one. Those that
-- somebody is ending right now are left to them.
select id, ends_at
from booking
where state = 'confirmed' and ends_at <= app_now()
  and ends_at + (policy ->> 'settleMinutes')::int * interval '1 minute' <= app_now()
  and (ends_at, id) > ($1, $2::uuid)
order by ends_at, id
limit $3
for no key update skip locked;

-- name: correct_booking
-- Staff give back $2 to $5 of an ended booking, from what the astrologer earned ($6) and the platform kept
-- ($7). Afterwards everything is as if so much less had been kept in the first place. What is earned may
-- fall below zero.
with corrected as (
    update booking
    set refund = refund + $4::bigint + $5::bigint
    where id = $1 and state <> 'confirmed' and refund = $8
    returning user_id, astrologer_id
), noted as (
    insert into booking_correction (id, booking_id, amount)
    select $2, $1, $4::bigint + $5::bigint from corrected
), purses as (
    select w.owner_id
    from corrected c
    join wallet w on w.owner_id = any (array[c.user_id, c.astrologer_id])
    order by w.owner_id
    for no key update of w
), moved as (
    update wallet w
    set cash = w.cash + case when w.owner_id = c.user_id then $4::bigint else 0 end,
        bonus = w.bonus + case when w.owner_id = c.user_id then $5::bigint else 0 end,
        earnings = w.earnings - case when w.owner_id = c.astrologer_id then $6::bigint else 0 end
    from corrected c
    where w.owner_id = any (array(select owner_id from purses))
    returning w.owner_id
), entry as (
    insert into journal (id, kind, reference_id) select $3, 'booking.correction', $2 from corrected
), lines as (
    insert into posting (journal_id, line, debit_owner, debit_account, credit_owner, credit_account, amount)
    select p.*
    from corrected c, (values ('00000000-0000-0000-0000-000000000000'::uuid)) as nobody (platform),
         lateral (values
        ($3::uuid, 1::smallint, c.astrologer_id, 'earnings', c.user_id, 'cash',
         least($6::bigint, $4::bigint)),
        ($3::uuid, 2::smallint, c.astrologer_id, 'earnings', c.user_id, 'bonus',
         $6::bigint - least($6::bigint, $4::bigint)),
        ($3::uuid, 3::smallint, platform, 'commission', c.user_id, 'cash',
         $4::bigint - least($6::bigint, $4::bigint)),
        ($3::uuid, 4::smallint, platform, 'commission', c.user_id, 'bonus',
         $5::bigint - ($6::bigint - least($6::bigint, $4::bigint)))
    ) as p (journal_id, line, debit_owner, debit_account, credit_owner, credit_account, amount)
    where p.amount > 0
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, detail,
                               request_id)
    select $9, $10::uuid, $11, 'booking.correct', 'booking', $1, $12,
           json_build_object('correction', $2::uuid, 'refund', $4::bigint + $5::bigint)::text, $13
    from corrected
), claim as (
    insert into idempotency (owner_id, key, fingerprint, status, answer)
    select $10::uuid, $14, $15, 200, $16 from corrected
)
select $2::uuid as id,
       case when (select count(*) from moved) <> 2 or $4::bigint + $5::bigint <> $6::bigint + $7::bigint
            then refuse('booking_correction_whole') end::text as broken
from corrected;
