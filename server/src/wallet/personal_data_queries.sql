-- See pg/personal_data.hpp for the parameters.

-- name: read_wallet_data
-- The balances first, then the journals, newest first.
(select json_build_object('cash', cash, 'bonus', bonus, 'held', held, 'earnings', earnings)::text
            as record, '{}'::text[] as names,
        '{}'::text[] as purposes, '{}'::text[] as places, '{}'::bytea[] as sealed
 from wallet where owner_id = $1)
union all
(select json_build_object('at', j.at, 'kind', j.kind, 'account', side.account, 'amount', side.amount)::text,
        '{}', '{}', '{}', '{}'
 from posting p
 join journal j on j.id = p.journal_id
 cross join lateral (values (p.debit_owner, p.debit_account, -p.amount),
                            (p.credit_owner, p.credit_account, p.amount)) as side (owner, account, amount)
 where (p.debit_owner = $1 or p.credit_owner = $1) and side.owner = $1
 order by p.journal_id desc, p.line limit 10000);
