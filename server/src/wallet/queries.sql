-- name: read_balance
select w.cash, w.bonus, w.held, w.cash + w.bonus as available,
       case when a.id is not null then w.earnings end as earnings
from wallet w left join astrologer a on a.id = w.owner_id
where w.owner_id = $1;

-- name: list_journals
-- Each side of its postings that concerns the owner is a line, in step in `accounts` and `amounts`.
select j.id, j.kind, j.at, lines.accounts, lines.amounts
from (
    (select distinct journal_id from posting where debit_owner = $1 and journal_id < $2
     order by journal_id desc limit $3)
    union
    (select distinct journal_id from posting where credit_owner = $1 and journal_id < $2
     order by journal_id desc limit $3)
) mine
join journal j on j.id = mine.journal_id
cross join lateral (
    select array_agg(side.account order by p.line, side.amount) as accounts,
           array_agg(side.amount order by p.line, side.amount) as amounts
    from posting p
    cross join lateral (values (p.debit_owner, p.debit_account, -p.amount),
                               (p.credit_owner, p.credit_account, p.amount)) as side (owner, account, amount)
    where p.journal_id = j.id and side.owner = $1
) lines
order by j.id desc
limit $3;

-- name: verify_wallets
-- The next owners after $1, of a wallet or of a posting, and for each what is recorded and what the
-- postings and holds say.
-- Only those that differ are told one by one.
with recursive debtors as (
    (select debit_owner as owner from posting where debit_owner > $1 order by debit_owner limit 1)
    union all
    select (select p.debit_owner from posting p where p.debit_owner > d.owner order by p.debit_owner limit 1)
    from debtors d where d.owner is not null
), creditors as (
    (select credit_owner as owner from posting where credit_owner > $1 order by credit_owner limit 1)
    union all
    select (select p.credit_owner from posting p where p.credit_owner > c.owner
           order by p.credit_owner limit 1)
    from creditors c where c.owner is not null
), owners as (
    select owner from (
        (select owner_id as owner from wallet where owner_id > $1 order by owner_id limit $2)
        union
        (select owner from debtors where owner is not null limit $2)
        union
        (select owner from creditors where owner is not null limit $2)
    ) everyone
    order by owner
    limit $2
), compared as (
    select o.owner, w.cash, w.bonus, w.held, w.earnings, sums.*, holds.held_for
    from owners o
    left join wallet w on w.owner_id = o.owner
    cross join lateral (
        select coalesce(sum(amount) filter (where account = 'cash'), 0)::bigint as sum_cash,
               coalesce(sum(amount) filter (where account = 'bonus'), 0)::bigint as sum_bonus,
               coalesce(sum(amount) filter (where account = 'held'), 0)::bigint as sum_held,
               coalesce(sum(amount) filter (where account = 'earnings'), 0)::bigint as sum_earnings
        from (
            select credit_account as account, amount from posting where credit_owner = o.owner
            union all
            select debit_account, -amount from posting where debit_owner = o.owner
        ) moved
    ) sums
    cross join lateral (
        select coalesce(sum(cash + bonus), 0)::bigint as held_for
        from wallet_hold where owner_id = o.owner and status = 'active'
    ) holds
)
select (select count(*) from owners) as rows, (select max(owner::text)::uuid from owners) as last,
       d.owner as subject, d.what, d.recorded, d.recomputed
from (values (1)) as always (one)
left join lateral (
    select owner, what, recorded, recomputed
    from compared c
    cross join lateral (values ('wallet cash', coalesce(c.cash, 0), c.sum_cash),
                               ('wallet bonus', coalesce(c.bonus, 0), c.sum_bonus),
                               ('wallet held', coalesce(c.held, 0), c.sum_held),
                               ('wallet earnings', coalesce(c.earnings, 0), c.sum_earnings),
                               ('wallet held for active holds', coalesce(c.held, 0), c.held_for))
               as part (what, recorded, recomputed)
    where recorded <> recomputed
) d on true;

-- name: verify_bookings
-- The next bookings after $1 by id, and what each says of its money against what its journals say: all of
-- its price was set aside, and once it has ended all of that was given back or kept. Only those that differ
-- are told one by one.
with batch as (
    select id, state, price, coalesce(refund, 0) as refund, apology, penalty from booking where id > $1
    order by id limit $2
), moved as (
    select b.*, j.*
    from batch b
    cross join lateral (
        select coalesce(sum(p.amount) filter (where j.kind = 'booking.hold'), 0)::bigint as set_aside,
               coalesce(sum(p.amount) filter (where j.kind = 'booking.void'), 0)::bigint as voided,
               coalesce(sum(p.amount) filter (where j.kind = 'booking.capture'), 0)::bigint as captured,
               coalesce(sum(p.amount) filter (where j.kind = 'promotion.apology'), 0)::bigint as apologised,
               coalesce(sum(p.amount) filter (where j.kind = 'booking.penalty'), 0)::bigint as penalised
        from journal j join posting p on p.journal_id = j.id
        where j.reference_id = b.id
          and j.kind in ('booking.hold', 'booking.void', 'booking.capture', 'promotion.apology',
                         'booking.penalty')
    ) j
), compared as (
    select m.*, corrections.noted, corrections.given
    from moved m
    cross join lateral (
        select coalesce(sum(c.amount), 0)::bigint as noted,
               coalesce(sum((select sum(p.amount) from journal j join posting p on p.journal_id = j.id
                             where j.kind = 'booking.correction' and j.reference_id = c.id)), 0)::bigint
                   as given
        from booking_correction c where c.booking_id = m.id
    ) corrections
)
select (select count(*) from batch) as rows, (select max(id::text)::uuid from batch) as last,
       d.id as subject, d.what, d.recorded, d.recomputed
from (values (1)) as always (one)
left join lateral (
    select id, what, recorded, recomputed
    from compared c
    cross join lateral (values
        ('booking price', c.price, c.set_aside),
        ('booking refund', c.refund, c.voided + c.given),
        ('booking kept', case when c.state = 'confirmed' then 0 else c.price - c.refund end,
         c.captured - c.given),
        ('booking apology', c.apology, c.apologised),
        ('booking penalty', c.penalty, c.penalised),
        ('booking corrections', c.noted, c.given)) as part (what, recorded, recomputed)
    where recorded <> recomputed
) d on true;

-- name: verify_recharges
-- The next recharges after $1 by id, and what each says of its money against what was counted and what the
-- journals say. A coupon's bonus may have lapsed. Only those that differ are told one by one.
with batch as (
    select id, state, amount, gst, bonus, coupon_bonus from recharge where id > $1 order by id limit $2
), moved as (
    select b.*, j.*, p.*
    from batch b
    cross join lateral (
        select coalesce(sum(l.amount) filter (where l.credit_account = 'cash'), 0)::bigint as to_cash,
               coalesce(sum(l.amount) filter (where l.credit_account = 'gst'), 0)::bigint as to_gst,
               coalesce(sum(l.amount) filter (where l.credit_account = 'bonus'), 0)::bigint as to_bonus,
               coalesce(sum(l.amount) filter (where l.debit_account = 'gateway'), 0)::bigint as from_gateway
        from journal j join posting l on l.journal_id = j.id
        where j.kind = 'recharge.paid' and j.reference_id = b.id
    ) j
    cross join lateral (
        select coalesce(sum(p.amount) filter (where p.kind = 'credit'), 0)::bigint as credited
        from payment p where p.recharge_id = b.id
    ) p
)
select (select count(*) from batch) as rows, (select max(id::text)::uuid from batch) as last,
       d.id as subject, d.what, d.recorded, d.recomputed
from (values (1)) as always (one)
left join lateral (
    select id, what, recorded, recomputed
    from moved m
    cross join lateral (values
        ('recharge cash', case when m.state = 'paid' then m.amount else 0 end, m.to_cash),
        ('recharge gst', case when m.state = 'paid' then m.gst else 0 end, m.to_gst),
        ('recharge bonus', case when m.state <> 'paid' then 0
                                when m.to_bonus = m.bonus then m.bonus
                                else m.bonus + m.coupon_bonus end, m.to_bonus),
        ('recharge payment', m.credited, m.from_gateway)) as part (what, recorded, recomputed)
    where recorded <> recomputed
) d on true;

-- name: verify_refunds
-- The next refunds after $1 by id. What one has set aside and what has left it since are both in the journals
-- that refer to it.
with batch as (
    select f.id, f.state, f.amount, f.bonus, f.net > 0 as ours
    from payment_refund f where f.id > $1 order by f.id limit $2
), moved as (
    select b.*, j.*
    from batch b
    cross join lateral (
        select coalesce(sum(l.amount) filter (where l.credit_account = 'suspense'), 0)::bigint as set_aside,
               coalesce(sum(l.amount) filter (where j.kind = 'refund.done'), 0)::bigint as sent,
               coalesce(sum(l.amount) filter (where j.kind = 'refund.back'
                                              and l.debit_account = 'suspense'), 0)::bigint as back,
               coalesce(sum(case when l.debit_account = 'bonus' then l.amount
                                 when l.credit_account = 'bonus' then -l.amount end), 0)::bigint
                   as bonus_taken
        from journal j join posting l on l.journal_id = j.id
        where j.reference_id = b.id and j.kind in ('refund.begin', 'recharge.stray', 'refund.done',
                                                   'refund.back')
    ) j
)
select (select count(*) from batch) as rows, (select max(id::text)::uuid from batch) as last,
       d.id as subject, d.what, d.recorded, d.recomputed
from (values (1)) as always (one)
left join lateral (
    select id, what, recorded, recomputed
    from moved m
    cross join lateral (values
        ('refund', m.amount, m.set_aside),
        ('refund sent', case when m.state = 'processed' then m.amount else 0 end, m.sent),
        ('refund given back',
         case when m.ours and m.state in ('failed', 'rejected') then m.amount else 0 end, m.back),
        ('refund bonus', case when m.state in ('failed', 'rejected') then 0 else m.bonus end, m.bonus_taken))
        as part (what, recorded, recomputed)
    where recorded <> recomputed
) d on true;

-- name: platform_accounts
select account, sum(amount)::bigint as balance
from (select credit_account as account, amount from posting
      where credit_owner = '00000000-0000-0000-0000-000000000000'
      union all
      select debit_account, -amount from posting
      where debit_owner = '00000000-0000-0000-0000-000000000000') moved
group by account
order by account;

-- name: verify_journals
-- The next journals after $1 by id, and those of them that have no posting.
with batch as (select id from journal where id > $1 order by id limit $2)
select (select count(*) from batch) as journals, (select max(id::text)::uuid from batch) as last,
       array(select id from batch where not exists (select from posting where journal_id = batch.id)) as bare;
