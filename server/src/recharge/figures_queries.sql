-- What payments came to. Ids are in the order of time, so a span of days is a span of ids.

-- name: sum_recharges
select state as name, count(*) as count, coalesce(sum(amount + gst), 0)::bigint as amount
from recharge where id >= $1 and id < $2 group by state order by state;

-- name: sum_recharge_failures
select last_error as name, count(*) as count, coalesce(sum(amount + gst), 0)::bigint as amount
from recharge where id >= $1 and id < $2 and last_error is not null group by last_error order by 2 desc, 1;

-- name: sum_payments
select case kind when 'credit' then 'credited' else kind end as name, count(*) as count,
       coalesce(sum(amount), 0)::bigint as amount
from payment where seen_at >= $1 and seen_at < $2 group by kind order by kind;

-- name: sum_refunds
select state as name, count(*) as count, coalesce(sum(amount), 0)::bigint as amount
from payment_refund where id >= $1 and id < $2 group by state order by state;

-- name: sum_platform_accounts
select side.account as name, count(distinct p.journal_id) as count, sum(side.amount)::bigint as amount
from posting p
cross join lateral (values (p.debit_owner, p.debit_account, -p.amount),
                           (p.credit_owner, p.credit_account, p.amount)) as side (owner, account, amount)
where p.journal_id >= $1 and p.journal_id < $2 and side.owner = '00000000-0000-0000-0000-000000000000'
group by side.account order by side.account;

-- name: usual_recharge_time
select (percentile_cont(0.5) within group (order by extract(epoch from paid_at - created_at)))::bigint
           as seconds
from recharge where id >= $1 and id < $2 and state = 'paid';
