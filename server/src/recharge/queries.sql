-- Money from the payment provider and back. The order of locks: coupon, coupon_use, recharge, payment,
-- payment_refund, wallets by id, idempotency key.

-- name: list_packs
select id, amount, bonus from recharge_pack where active order by amount;

-- name: read_choice
-- What the choice comes to, and what was stored under the key.
select i.fingerprint, i.answer, p.id as pack_id, p.amount as pack_amount, p.bonus as pack_bonus,
       c.bonus_basis_points, c.bonus as coupon_bonus, c.most_bonus, c.first_only,
       c.code is not null and c.active and app_now() >= c.valid_from and app_now() < c.valid_until
           and coalesce($4::bigint, p.amount) >= c.least_amount
           and not (c.first_only and exists (select from recharge r
                                             where r.user_id = $1 and r.state = 'paid')) as coupon_valid,
       coalesce(c.uses >= c.most_uses, false) as used_up,
       coalesce(u.uses >= c.most_uses_each, false)
           or (c.first_only and exists (select from recharge r where r.user_id = $1 and r.first_only
                                        and r.state in ('creating', 'open', 'paid'))) as used_before,
       (select count(*) from recharge r
        where r.user_id = $1 and r.state in ('creating', 'open')
          and r.created_at > app_now() - interval '1 hour')::int as open
from (values (1)) as always (one)
left join idempotency i on i.owner_id = $1 and i.key = $2
left join recharge_pack p on p.id = $3 and p.active
left join coupon c on c.code = $5
left join coupon_use u on u.code = c.code and u.user_id = $1;

-- name: start_recharge
-- The intent, before the provider is asked. With a coupon, both of its counters: who comes too late meets
-- their constraints. No row: the coupon is not valid any more.
with taken as (
    update coupon set uses = uses + 1
    where code = $5::text and active and app_now() >= valid_from and app_now() < valid_until
    returning code, most_uses_each, first_only
), used as (
    insert into coupon_use as u (code, user_id, uses, most) select code, $2, 1, most_uses_each from taken
    on conflict (code, user_id) do update set uses = u.uses + 1, most = excluded.most
    returning code
), made as (
    insert into recharge (id, user_id, pack_id, coupon, first_only, amount, bonus, coupon_bonus, gst,
                          gst_basis_points, place, hold_id, next_check_at, created_at)
    select $1, $2, $3, t.code, coalesce(t.first_only, false), $4, $6, $7, $8, $9, $10, $11,
           app_now() + interval '30 seconds', $15
    from (values (1)) as always (one)
    left join taken t on t.code in (select code from used)
    where $5::text is null or t.code is not null
    returning id, user_id
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $12, $2, 'user', 'recharge.start', 'recharge', id, $13 from made
), claim as (
    insert into idempotency (owner_id, key, fingerprint, status, answer)
    select user_id, $14, $16, 201, id::text from made
)
select id from made;

-- name: open_recharge
-- The order's id is the provider's answer, or what was found by the receipt. Nobody pays for an order that
-- they were not told, so one that was found late is as good.
update recharge
set state = 'open', order_id = $2, checks = 0, next_check_at = app_now() + interval '20 seconds'
where id = $1 and state = 'creating'
returning id;

-- name: abandon_recharge
-- There is no order: nothing can be paid, and the coupon may be used again.
with counter as (
    select c.code from recharge r join coupon c on c.code = r.coupon where r.id = $1 for no key update of c
), ended as (
    update recharge set state = 'abandoned', next_check_at = null
    where id = $1 and state = 'creating' and (coupon is null or coupon in (select code from counter))
    returning id, user_id, coupon
), given_back as (
    update coupon c set uses = c.uses - 1 from ended e where c.code = e.coupon
    returning c.code, e.user_id
), unused as (
    update coupon_use u set uses = u.uses - 1 from given_back g
    where u.code = g.code and u.user_id = g.user_id
)
select id from ended;

-- name: expire_recharge
-- Nobody paid. Should money come after all, it is taken without the coupon's bonus.
with counter as (
    select c.code from recharge r join coupon c on c.code = r.coupon where r.id = $1 for no key update of c
), ended as (
    update recharge set state = 'expired', next_check_at = null
    where id = $1 and state = 'open' and (coupon is null or coupon in (select code from counter))
    returning id, user_id, coupon
), given_back as (
    update coupon c set uses = c.uses - 1 from ended e where c.code = e.coupon
    returning c.code, e.user_id
), unused as (
    update coupon_use u set uses = u.uses - 1 from given_back g
    where u.code = g.code and u.user_id = g.user_id
)
select id from ended;

-- name: read_recharge
-- With what was counted of it.
select r.id, r.user_id, r.state, r.amount, r.bonus, r.coupon_bonus, r.gst, r.coupon, r.last_error, r.hold_id,
       r.order_id, r.checks, r.paid_at, r.created_at,
       coalesce((select p.refunded from payment p
                 where p.recharge_id = r.id and p.kind = 'credit'), 0)::bigint as refunded,
       array(select p.id from payment p where p.recharge_id = r.id) as counted,
       exists (select from pool_user u where u.id = r.user_id and u.deleted_at is null) as goes_on
from recharge r where r.id = $1;

-- name: list_recharges
select r.id, r.user_id, r.state, r.amount, r.bonus, r.coupon_bonus, r.gst, r.coupon, r.last_error, r.hold_id,
       r.order_id, r.checks, r.paid_at, r.created_at,
       coalesce((select p.refunded from payment p
                 where p.recharge_id = r.id and p.kind = 'credit'), 0)::bigint as refunded,
       '{}'::text[] as counted, true as goes_on
from recharge r where r.user_id = $1 and r.id < $2
order by r.id desc limit $3;

-- name: find_recharge_by_order
select id from recharge where order_id = $1;

-- name: credit_recharge
-- The payment is counted and the wallet has its money. No row: the recharge is not as it was when that was
-- decided ($2 its state), or the account has ended; the payment's key refuses a second one. $4 is what was
-- paid, $5 the provider's fee with its tax. A coupon whose recharge had expired gives nothing.
with paid as (
    update recharge r
    set state = 'paid', paid_at = $7, next_check_at = null, last_error = null
    where r.id = $1 and r.state = $2 and r.state in ('open', 'expired')
      and account_goes_on(r.user_id)
    returning r.id, r.user_id, r.amount, r.gst, r.hold_id,
              r.bonus + case when $2 = 'expired' then 0 else r.coupon_bonus end as bonus
), counted as (
    insert into payment (id, recharge_id, kind, amount, currency, fee, method, seen_at)
    select $3, id, 'credit', $4, 'INR', $5, $6, $7 from paid
    returning recharge_id
), purse as (
    insert into wallet as w (owner_id, cash, bonus)
    select user_id, amount, bonus from paid
    on conflict (owner_id) do update set cash = w.cash + excluded.cash, bonus = w.bonus + excluded.bonus
    returning owner_id
), entry as (
    insert into journal (id, kind, reference_id, at) select $8, 'recharge.paid', id, $7 from paid
), lines as (
    insert into posting (journal_id, line, debit_owner, debit_account, credit_owner, credit_account, amount)
    select $8, leg.line, ours, leg.debit, leg.owner, leg.credit, leg.amount
    from paid p, (values ('00000000-0000-0000-0000-000000000000'::uuid)) as nobody (ours), lateral (values
        (1, 'gateway', p.user_id, 'cash', p.amount),
        (2, 'gateway', ours, 'gst', p.gst),
        (3, 'promotions', p.user_id, 'bonus', p.bonus),
        (4, 'gateway_fees', ours, 'gateway', $5::bigint)
    ) as leg (line, debit, owner, credit, amount)
    where leg.amount > 0
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $9, null, 'system', 'recharge.paid', 'recharge', id, json_build_object('payment', $3::text)::text,
           ''
    from paid
), effects as (
    insert into outbox (id, kind, payload)
    select $10::uuid, 'recharge.paid', $11::bytea from paid
    union all
    select $12::uuid, 'recharge.book', $13::bytea from paid where hold_id is not null
)
select p.id from paid p, counted c, purse w where c.recharge_id = p.id and w.owner_id = p.user_id;

-- name: count_stray
-- Money that does not fit: counted, kept in suspense, and on its way back. Its refund's id is $2.
with counted as (
    insert into payment (id, recharge_id, kind, amount, currency, fee, method, refunded, seen_at)
    select $3, id, 'stray', $4, $5, $6, $7, $4, $8 from recharge where id = $1
    on conflict do nothing
    returning id
), back as (
    insert into payment_refund (id, payment_id, amount, net, gst, bonus, state, reason, next_check_at)
    select $2, id, $4, 0, 0, 0, 'approved', $9, app_now() from counted
    returning id
), entry as (
    insert into journal (id, kind, reference_id, at) select $10, 'recharge.stray', id, $8 from back
), lines as (
    insert into posting (journal_id, line, debit_owner, debit_account, credit_owner, credit_account, amount)
    select $10, leg.line, ours, leg.debit, ours, leg.credit, leg.amount
    from back, (values ('00000000-0000-0000-0000-000000000000'::uuid)) as nobody (ours), lateral (values
        (1, 'gateway', 'suspense', $4::bigint), (2, 'gateway_fees', 'gateway', $6::bigint)
    ) as leg (line, debit, credit, amount)
    where leg.amount > 0
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, request_id)
    select $11, null, 'system', 'recharge.stray', 'recharge', $1, $9, '' from back
)
select id from back;

-- name: note_recharge_check
-- Looked at, and nothing to be done.
update recharge
set checks = checks + 1, last_error = nullif($3, ''),
    next_check_at = case when state in ('creating', 'open') then app_now() + $4::int * interval '1 second' end
where id = $1 and state = $2;

-- name: look_soon
-- Somebody says that there is something to see.
update recharge set next_check_at = app_now()
where id = $1 and state in ('creating', 'open');

-- name: claim_recharge_checks
-- Pushing next_check_at forward is the lease.
with due as (
    select id from recharge where next_check_at <= app_now()
    order by next_check_at, id limit $1 for update skip locked
)
update recharge r set next_check_at = app_now() + $2::int * interval '1 second'
from due where r.id = due.id
returning r.id;

-- name: claim_refund_checks
with due as (
    select id from payment_refund where next_check_at <= app_now()
    order by next_check_at, id limit $1 for update skip locked
)
update payment_refund r set next_check_at = app_now() + $2::int * interval '1 second'
from due where r.id = due.id
returning r.id;

-- name: measure_recharges
select (select count(*) from recharge where state in ('creating', 'open')) as open,
       (select count(*) from payment_refund where state in ('approved', 'sent')) as refunds_under_way,
       (select count(*) from payment_refund where state = 'proposed') as refunds_waiting,
       (select count(*) from payment_refund where state = 'failed') as refunds_failed,
       coalesce((select extract(epoch from app_now() - min(next_check_at))::bigint from recharge
                 where next_check_at is not null), 0) as lag_seconds;
