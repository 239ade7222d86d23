-- Refunds to where money came from. The order of locks is queries.sql's.

-- name: read_refundable
-- What a recharge was credited with, what of it has gone back or is on its way, and what was stored under
-- the key.
select i.fingerprint, i.answer, r.user_id, r.amount, r.gst, p.id as payment_id, p.amount as paid, p.refunded,
       coalesce((select sum(l.amount) from journal j join posting l on l.journal_id = j.id
                 where j.kind = 'recharge.paid' and j.reference_id = r.id and l.credit_account = 'bonus'),
                0)::bigint as bonus,
       back.net, back.gst as gst_back, back.bonus as bonus_back,
       w.cash as wallet_cash, w.bonus as wallet_bonus
from (values (1)) as always (one)
left join idempotency i on i.owner_id = $1 and i.key = $2
left join recharge r on r.id = $3
left join payment p on p.recharge_id = r.id and p.kind = 'credit'
left join wallet w on w.owner_id = r.user_id
cross join lateral (
    select coalesce(sum(f.net), 0)::bigint as net, coalesce(sum(f.gst), 0)::bigint as gst,
           coalesce(sum(f.bonus), 0)::bigint as bonus
    from payment_refund f where f.payment_id = p.id and f.state not in ('rejected', 'failed')
) back;

-- name: ask_refund
-- The money leaves the wallet for suspense at once. $3 is what had gone back when that was decided: no row,
-- when it has changed. A wallet that holds less by now aborts it all by its constraint.
with taken as (
    update payment set refunded = refunded + $5::bigint + $6::bigint
    where id = $2 and kind = 'credit' and refunded = $3
    returning id, recharge_id
), purse as (
    update wallet w set cash = w.cash - $5::bigint, bonus = w.bonus - $7::bigint
    from taken t join recharge r on r.id = t.recharge_id
    where w.owner_id = r.user_id
    returning w.owner_id
), made as (
    insert into payment_refund (id, payment_id, amount, net, gst, bonus, state, asked_by, reason,
                                next_check_at)
    select $1, t.id, $5::bigint + $6::bigint, $5, $6, $7,
           case when $8::boolean then 'proposed' else 'approved' end, $9, $10,
           case when not $8::boolean then app_now() end
    from taken t, purse
    returning id
), entry as (
    insert into journal (id, kind, reference_id) select $11, 'refund.begin', id from made
), lines as (
    insert into posting (journal_id, line, debit_owner, debit_account, credit_owner, credit_account, amount)
    select $11, leg.line, leg.debit_owner, leg.debit, ours, leg.credit, leg.amount
    from made, purse w, (values ('00000000-0000-0000-0000-000000000000'::uuid)) as nobody (ours),
         lateral (values
        (1, w.owner_id, 'cash', 'suspense', $5::bigint), (2, ours, 'gst', 'suspense', $6::bigint),
        (3, w.owner_id, 'bonus', 'promotions', $7::bigint)
    ) as leg (line, debit_owner, debit, credit, amount)
    where leg.amount > 0
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, detail,
                               request_id)
    select $12, $9, $13, 'refund.ask', 'recharge', $4, $10,
           json_build_object('refund', $1, 'amount', $5::bigint + $6::bigint)::text, $14
    from made
), claim as (
    insert into idempotency (owner_id, key, fingerprint, status, answer)
    select $9, $15, $16, 201, $1::text from made
)
select id from made;

-- name: approve_refund
-- By another administrator than the one who asked.
with decided as (
    update payment_refund set state = 'approved', decided_by = $2, next_check_at = app_now()
    where id = $1 and state = 'proposed' and asked_by <> $2
    returning id
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, request_id)
    select $3, $2, $4, 'refund.approve', 'payment_refund', id, $5, $6 from decided
)
select id from decided;

-- name: note_refund_sent
update payment_refund set state = 'sent', provider_id = $2, checks = 0,
       next_check_at = app_now() + interval '1 minute'
where id = $1 and state = 'approved'
returning id;

-- name: note_refund_check
update payment_refund set checks = checks + 1, next_check_at = app_now() + $3::int * interval '1 second'
where id = $1 and state = $2;

-- name: finish_refund
-- It ends: `processed` empties suspense to the provider; otherwise what left the wallet comes back to it, and
-- stray money stays in suspense. No row: it is not in the state ($2) in which that was decided.
with ended as (
    update payment_refund f
    set state = $3, settled_at = app_now(), next_check_at = null,
        provider_id = coalesce($4::text, provider_id),
        decided_by = coalesce($5::uuid, decided_by)
    where f.id = $1 and f.state = $2 and ($5::uuid is null or f.asked_by <> $5::uuid)
    returning f.id, f.payment_id, f.amount, f.net, f.gst, f.bonus,
              f.state <> 'processed' and f.net > 0 as back
), whose as (
    select e.*, r.user_id, r.id as recharge_id
    from ended e join payment p on p.id = e.payment_id join recharge r on r.id = p.recharge_id
), unrefunded as (
    update payment p set refunded = p.refunded - w.amount from whose w where p.id = w.payment_id and w.back
), purse as (
    update wallet set cash = cash + w.net, bonus = wallet.bonus + w.bonus
    from whose w where owner_id = w.user_id and w.back
), legs as (
    select w.id, leg.*
    from whose w, (values ('00000000-0000-0000-0000-000000000000'::uuid)) as nobody (ours), lateral (values
        (1, 'suspense', ours, 'gateway', case when $3 = 'processed' then w.amount else 0 end),
        (2, 'suspense', w.user_id, 'cash', case when w.back then w.net else 0 end),
        (3, 'suspense', ours, 'gst', case when w.back then w.gst else 0 end),
        (4, 'promotions', w.user_id, 'bonus', case when w.back then w.bonus else 0 end)
    ) as leg (line, debit, credit_owner, credit, amount)
    where leg.amount > 0
), entry as (
    insert into journal (id, kind, reference_id)
    select distinct $6::uuid, case when $3 = 'processed' then 'refund.done' else 'refund.back' end, id
    from legs
), lines as (
    insert into posting (journal_id, line, debit_owner, debit_account, credit_owner, credit_account, amount)
    select $6, line, '00000000-0000-0000-0000-000000000000', debit, credit_owner, credit, amount from legs
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, request_id)
    select $7, $5, $8, 'refund.' || $3, 'payment_refund', id, $9, $10 from ended
), effect as (
    insert into outbox (id, kind, payload) select $11, 'recharge.refunded', $12 from whose where net > 0
)
select recharge_id from whose;

-- name: read_refund
select f.id, p.recharge_id, f.payment_id, f.amount, f.net, f.gst, f.bonus, f.state, f.reason, f.asked_by,
       f.decided_by, f.created_at, f.settled_at, f.provider_id, f.checks, p.kind = 'stray' as stray, r.user_id
from payment_refund f
join payment p on p.id = f.payment_id
join recharge r on r.id = p.recharge_id
where f.id = $1;

-- name: find_refund_by_provider
select id from payment_refund where provider_id = $1;

-- name: list_refunds
select f.id, p.recharge_id, f.payment_id, f.amount, f.net, f.gst, f.bonus, f.state, f.reason, f.asked_by,
       f.decided_by, f.created_at, f.settled_at
from payment_refund f join payment p on p.id = f.payment_id
where ($1::text is null or f.state = $1) and f.id < $2
order by f.id desc limit $3;
