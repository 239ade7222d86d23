-- name: find_payout_account
select secrets_sealed, ifsc, changed_at, payable_from from payout_account where user_id = $1;

-- name: first_payout_account
-- Nothing when there is one already.
with saved as (
    insert into payout_account (user_id, secrets_sealed, ifsc) values ($1, $2, $3)
    on conflict (user_id) do nothing
    returning user_id, secrets_sealed, ifsc, changed_at, payable_from
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $4, user_id, 'astrologer', 'payout_account.change', 'astrologer', user_id, $5 from saved
)
select secrets_sealed, ifsc, changed_at, payable_from from saved;

-- name: change_payout_account
-- Over the one that was compared with ($6); nothing when it is another by now.
with saved as (
    update payout_account
    set secrets_sealed = $2, ifsc = $3, changed_at = app_now(), payable_from = $7
    where user_id = $1 and secrets_sealed = $6
    returning user_id, secrets_sealed, ifsc, changed_at, payable_from
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $4, user_id, 'astrologer', 'payout_account.change', 'astrologer', user_id, $5 from saved
), told as (
    insert into outbox (id, kind, payload) select $8, 'payout_account.changed', $9 from saved
)
select secrets_sealed, ifsc, changed_at, payable_from from saved;

-- name: read_sealed_payout_accounts
select user_id::text as row, secrets_sealed as sealed from payout_account
where user_id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(secrets_sealed from 2 for 4) <> $1
order by user_id limit $3;

-- name: replace_sealed_payout_accounts
update payout_account t set secrets_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where t.user_id = n.row::uuid and t.secrets_sealed = n.old;

-- name: read_steps
select a.photo is not null as photo, a.lowest_price is not null as price,
       coalesce(cardinality(a.weekly), 0) > 0 as hours, a.legal_name_sealed is not null as legal_name,
       exists (select from consent c where c.user_id = u.id and c.purpose = 'kyc' and c.withdrawn_at is null)
           as consent,
       exists (select from payout_account p where p.user_id = u.id) as payout_account,
       coalesce(u.kyc_status, 'not_started') as kyc, coalesce(a.status, 'none') as profile
from pool_user u left join astrologer a on a.id = u.id
where u.id = $1;
