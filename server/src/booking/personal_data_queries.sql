-- See pg/personal_data.hpp for the parameters. Of the other side there is no more than the person saw: an
-- astrologer's public name.

-- name: read_booking_data
select json_build_object('id', b.id, 'as', case when b.user_id = $1 then 'user' else 'astrologer' end,
                         'astrologer', a.display_name, 'startsAt', b.starts_at, 'endsAt', b.ends_at,
                         'channel', b.channel, 'pricePerMinute', b.price_per_minute, 'price', b.price,
                         'state', b.state, 'cancelledBy', b.cancelled_by,
                         'cancelledAt', b.cancelled_at, 'refund', b.refund, 'noShowBy', b.no_show_by,
                         'settledAt', b.settled_at, 'reschedules', b.reschedules,
                         'userCheckedInAt', b.user_checked_in_at,
                         'astrologerCheckedInAt', b.astrologer_checked_in_at, 'apology', b.apology,
                         'penalty', case when b.astrologer_id = $1 then b.penalty end,
                         'policy', b.policy, 'createdAt', b.created_at,
                         'corrections', (select json_agg(json_build_object('at', c.created_at,
                                                                           'amount', c.amount) order by c.id)
                                         from booking_correction c where c.booking_id = b.id))::text
           as record,
       '{}'::text[] as names, '{}'::text[] as purposes, '{}'::text[] as places, '{}'::bytea[] as sealed
from booking b join astrologer a on a.id = b.astrologer_id
where b.user_id = $1 or b.astrologer_id = $1
order by b.id desc limit 10000;

-- name: read_hold_data
select json_build_object('astrologerId', astrologer_id, 'from', lower(span), 'to', upper(span),
                         'channel', channel, 'pricePerMinute', price_per_minute, 'state', status,
                         'createdAt', created_at)::text as record,
       '{}'::text[] as names, '{}'::text[] as purposes, '{}'::text[] as places, '{}'::bytea[] as sealed
from occupancy where user_id = $1 and kind = 'hold'
order by id desc limit 10000;

-- name: purge_ended_holds
-- Holds that became nothing. Those that became bookings are of another kind.
delete from occupancy
where id in (select id from occupancy
             where kind = 'hold' and status <> 'active' and created_at < $1
               and not is_held(user_id) and not is_held(astrologer_id)
             order by created_at, id limit $2 for update skip locked)
returning id::text, created_at as at;

-- name: due_ended_holds
select count(*) filter (where not held) as count, count(*) filter (where held) as held,
       min(created_at) filter (where not held) as oldest, max(created_at) filter (where not held) as newest
from (select created_at, is_held(user_id) or is_held(astrologer_id) as held from occupancy
      where kind = 'hold' and status <> 'active' and created_at < $1) due;

-- name: read_day_data
select json_build_object('breaks', breaks, 'overrides', overrides, 'timeOff',
                         (select coalesce(json_agg(json_build_object('from', lower(span), 'to', upper(span),
                                                                     'state', status) order by id), '[]')
                          from (select id, span, status from occupancy
                                where astrologer_id = $1 and kind = 'break'
                                order by id desc limit 10000) o))::text as record,
       '{}'::text[] as names, '{}'::text[] as purposes, '{}'::text[] as places, '{}'::bytea[] as sealed
from astrologer where id = $1;

-- name: forget_days
with off as (
    delete from occupancy where astrologer_id = $1 and kind = 'break'
)
update astrologer set breaks = '{}', overrides = '{}' where id = $1;
