-- What staff offer: packs and coupons.

-- name: list_coupons
select code, bonus_basis_points, bonus, most_bonus, least_amount, valid_from, valid_until, most_uses,
       most_uses_each, first_only, active, uses
from coupon where code > $1 order by code limit $2;

-- name: save_coupon
with saved as (
    insert into coupon (code, bonus_basis_points, bonus, most_bonus, least_amount, valid_from, valid_until,
                        most_uses, most_uses_each, first_only, active)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    on conflict (code) do update
    set bonus_basis_points = excluded.bonus_basis_points, bonus = excluded.bonus,
        most_bonus = excluded.most_bonus, least_amount = excluded.least_amount,
        valid_from = excluded.valid_from, valid_until = excluded.valid_until,
        most_uses = excluded.most_uses, most_uses_each = excluded.most_uses_each,
        first_only = excluded.first_only, active = excluded.active
    returning code
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, reason, detail, request_id)
    select $12, $13, $14, 'coupon.save', 'coupon', $15, json_build_object('code', code)::text, $16 from saved
)
select $12::uuid as id from saved;

-- name: offer_pack
with withdrawn as (
    update recharge_pack set active = false where amount = $2 and active returning id
), offered as (
    insert into recharge_pack (id, amount, bonus)
    select $1, $2, $3 from (select count(*) from withdrawn) as after_that
    returning id
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, detail,
                               request_id)
    select $4, $5, $6, 'pack.offer', 'recharge_pack', id, $7,
           json_build_object('amount', $2::bigint, 'bonus', $3::bigint)::text, $8
    from offered
)
select id from offered;

-- name: withdraw_pack
with withdrawn as (
    update recharge_pack set active = false where id = $1 and active returning id
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, request_id)
    select $2, $3, $4, 'pack.withdraw', 'recharge_pack', id, $5, $6 from withdrawn
)
select id from withdrawn;
