-- What astrologers decide about single days and about their time off. Locks are taken in the order of
-- queries.sql's head, with two before it: the astrologer's row, which makes one time off wait for another of
-- the same astrologer's, and all bookings that it ends (by id); wallets go by their owners' ids.

-- name: read_own_days
select zone, overrides from astrologer where id = $1;

-- name: set_own_days
-- Nothing when somebody changed them since they were read.
with changed as (
    update astrologer set overrides = $2, updated_at = app_now()
    where id = $1 and overrides = $3::int[]
    returning id
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $4, id, 'astrologer', 'availability.change', 'astrologer', id,
           json_build_object('date', $5::text, 'hours', $6::int[])::text, $7
    from changed
)
select id from changed;

-- name: lock_hours
select id from astrologer where id = $1 for no key update;

-- name: list_time_off
select id, lower(span) as from_at, upper(span) as to_at
from occupancy
where astrologer_id = $1 and kind = 'break' and status = 'active' and upper(span) > app_now()
order by upper(span);

-- name: read_in_the_way
-- `inside`: of what takes place meanwhile; else only a buffer is in the way. `ahead`: it can be called off.
select o.id, o.kind, b.id as booking_id, b.user_id, o.span && tstzrange($2, $3) as inside,
       coalesce(b.starts_at > app_now(), false) as ahead, coalesce(o.expires_at > app_now(), false) as lasting
from occupancy o left join booking b on b.occupancy_id = o.id and o.kind = 'booking'
where o.astrologer_id = $1 and o.status = 'active' and o.blocked && tstzrange($2, $3)
order by b.user_id, o.id
limit 1000;

-- name: lock_bookings
select id from booking where id = any ($1::uuid[]) order by id for no key update;

-- name: end_holds
with locked as (
    select id from occupancy
    where id = any ($1::uuid[]) and status = 'active' and kind = 'hold'
    order by id
    for no key update
)
update occupancy o
set status = case when o.expires_at > app_now() then 'released' else 'expired' end
where o.id = any (array(select id from locked))
returning o.id;

-- name: trim_buffers
-- Of what ends before $2 or starts after $3: the time off is its buffer.
with locked as (
    select id from occupancy where id = any ($1::uuid[]) and status = 'active' order by id for no key update
)
update occupancy o
set blocked = case when upper(o.span) <= $2 then tstzrange(lower(o.blocked), least(upper(o.blocked), $2))
                   else tstzrange(greatest(lower(o.blocked), $3), upper(o.blocked)) end
where o.id = any (array(select id from locked)) and not o.span && tstzrange($2, $3)
returning o.id;

-- name: take_time_off
-- Nothing when somebody was first.
with made as (
    insert into occupancy (id, astrologer_id, kind, span, blocked)
    values ($1, $2, 'break', tstzrange($3, $4), tstzrange($3, $4))
    on conflict do nothing
    returning id
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $5, $2, $6, 'time_off.take', 'occupancy', id, $7 from made
), claim as (
    insert into idempotency (owner_id, key, fingerprint, status, answer)
    select $2, $8, $9, 201, $10 from made
)
select id from made;

-- name: end_time_off
with ended as (
    update occupancy set status = 'released'
    where id = $1 and astrologer_id = $2 and kind = 'break' and status = 'active'
    returning id
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $3, $2, $4, 'time_off.end', 'occupancy', id, $5 from ended
)
select id from ended;

-- name: find_stand_ins
-- Who could give a consultation of $1's instead: a skill and a language of theirs, by that channel, for no
-- more, and nothing else in that time. The dearest first, who is most like what was paid for. Their hours are
-- for the caller to look at.
select array[a.chat_price, a.call_price, a.video_price] as prices,
       a.zone, a.weekly, a.buffer_before::int, a.buffer_after::int, a.notice_minutes, a.window_days::int,
       a.slot_interval::int, a.lengths, a.free_minutes::int, a.breaks, a.overrides, a.daily_cap::int,
       a.weekly_cap::int,
       case when a.daily_cap is not null or a.weekly_cap is not null
            then counted_starts(a.id, $2, $5::timestamptz - interval '9 days',
                                $5::timestamptz + interval '9 days')
            else '{}' end as counted,
       a.id
from astrologer o
join astrologer a on a.id <> o.id and a.id <> $2 and a.status = 'approved' and price_on(a, $3) <= $4
                 and a.specializations && o.specializations and a.languages && o.languages
where o.id = $1
  and exists (select from pool_user h where h.id = a.id and h.enabled)
  and not exists (select from occupancy t
                  where t.astrologer_id = a.id and t.status = 'active'
                    and t.blocked && tstzrange($5::timestamptz - a.buffer_before * interval '1 minute',
                                               $6::timestamptz + a.buffer_after * interval '1 minute'))
order by price_on(a, $3) desc, a.id
limit 50;

-- name: give_booking
-- To $4, at the same time and price. Its old time ends and the new one begins in one statement, or the user
-- would be in two places. Should somebody be first with the new time, all is taken back. That the one who
-- goes had checked in says nothing of the one who comes.
with moving as (
    select occupancy_id from booking
    where id = $1 and astrologer_id = $2 and state = 'confirmed' and starts_at > app_now()
), freed as (
    update occupancy o set status = 'released'
    from moving m
    where o.id = m.occupancy_id and o.status = 'active'
    returning o.user_id, o.span, o.channel, o.price_per_minute
), made as (
    insert into occupancy (id, astrologer_id, user_id, kind, span, blocked, channel, price_per_minute, capped)
    select $3, $4, user_id, 'booking', span, tstzrange($5, $6), channel, price_per_minute, $7 from freed
    on conflict do nothing
    returning id
), given as (
    update booking b
    set occupancy_id = m.id, astrologer_id = $4, reassigned_from = coalesce(b.reassigned_from, $2),
        astrologer_checked_in_at = null
    from made m
    where b.id = $1
    returning b.id
), audit as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $8, $2, $9, 'booking.reassign', 'booking', id, json_build_object('to', $4::uuid)::text, $10
    from given
), effect as (
    insert into outbox (id, kind, payload) select $11, 'booking.confirmed', $12 from given
)
select $3::uuid as id,
       case when not exists (select from given) then refuse('booking_given_once') end::text as lost;
