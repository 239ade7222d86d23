-- See pg/personal_data.hpp for the parameters.

-- name: read_recharge_data
-- The newest first.
select json_build_object('at', r.created_at, 'amount', r.amount, 'gst', r.gst, 'bonus', r.bonus,
                         'coupon', r.coupon, 'couponBonus', r.coupon_bonus, 'place', r.place,
                         'state', r.state, 'paidAt', r.paid_at, 'lastError', r.last_error, 'method', p.method,
                         'payment', p.id, 'refunds',
                         (select json_agg(json_build_object('at', f.created_at, 'amount', f.amount,
                                                            'state', f.state, 'reason', f.reason)
                                          order by f.id)
                          from payment_refund f where f.payment_id = p.id))::text as record,
       '{}'::text[] as names, '{}'::text[] as purposes, '{}'::text[] as places, '{}'::bytea[] as sealed
from recharge r left join payment p on p.recharge_id = r.id
where r.user_id = $1
order by r.id desc limit 10000;
