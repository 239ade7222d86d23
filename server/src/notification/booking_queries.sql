-- What both sides of a booking are told.

-- name: read_parties
select b.user_id, u.phone_sealed as user_phone, u.language as user_language,
       u.deleted_at is not null as user_deleted,
       array(select d.id from device d where d.user_id = u.id order by d.id) as user_devices,
       b.astrologer_id, p.phone_sealed as astrologer_phone, p.language as astrologer_language,
       p.deleted_at is not null as astrologer_deleted,
       array(select d.id from device d where d.user_id = p.id order by d.id) as astrologer_devices,
       a.display_name as astrologer_name, a.zone as astrologer_zone, b.starts_at,
       (extract(epoch from b.ends_at - b.starts_at) / 60)::int as minutes, b.price, b.refund, b.state,
       b.reschedules::int, b.cancelled_by, b.no_show_by
from booking b
join pool_user u on u.id = b.user_id
join astrologer a on a.id = b.astrologer_id
join pool_user p on p.id = b.astrologer_id
where b.id = $1;

-- name: tell_parties
-- One event becomes a notification for each of the two and what goes to each device and phone, or, where the
-- lease was lost, nothing: a retry of one part repeats none of the others.
with gone as (
    delete from outbox where id = $1 and attempts = $2 returning id
), noted as (
    insert into notification (id, user_id, kind, params)
    select n.id, n.user_id, $5, $6 from gone, unnest($3::uuid[], $4::uuid[]) as n (id, user_id)
)
insert into outbox (id, kind, payload)
select part.id, part.kind, part.payload
from gone, unnest($7::uuid[], $8::text[], $9::bytea[]) as part (id, kind, payload);

-- name: remind_parties
-- As tell_parties, of a booking that stands and begins then ($10, $11). It is locked against its cancellation
-- and its move: whichever comes first, the other sees it.
with gone as (
    delete from outbox where id = $1 and attempts = $2 returning id
), stands as (
    select b.id from gone, booking b
    where b.id = $10 and b.state = 'confirmed' and b.starts_at = $11 and b.starts_at > app_now()
    for share of b
), noted as (
    insert into notification (id, user_id, kind, params)
    select n.id, n.user_id, $5, $6 from stands, unnest($3::uuid[], $4::uuid[]) as n (id, user_id)
)
insert into outbox (id, kind, payload)
select part.id, part.kind, part.payload
from stands, unnest($7::uuid[], $8::text[], $9::bytea[]) as part (id, kind, payload);

-- name: read_reminder_windows
-- Which starts are to be looked at for each reminder: from where the last look came to, and a minute before
-- it for bookings that were committed late, to those whose time for it has come. After an outage, none that
-- the next reminder reaches as well.
select k.kind, k.lead::int as lead_seconds, p.up_to,
       greatest(coalesce(p.up_to, app_now() + k.lead * interval '1 second') - interval '1 minute',
                app_now() + k.next * interval '1 second') as after,
       app_now() + k.lead * interval '1 second' as until
from (values (1, 'day', 86400, 3600), (2, 'hour', 3600, 600), (3, 'minutes', 600, 0))
         as k (place, kind, lead, next)
left join reminder_progress p on p.kind = k.kind
order by k.place;

-- name: find_due_reminders
-- Who books when it is later than that needs no reminder of what they have just done.
select b.id, b.starts_at
from booking b
where b.state = 'confirmed' and b.starts_at > $2 and b.starts_at <= $3
  and b.created_at <= b.starts_at - $4::int * interval '1 second'
  and not exists (select from booking_reminder r
                  where r.booking_id = b.id and r.kind = $1 and r.starts_at = b.starts_at)
order by b.starts_at, b.id
limit $5;

-- name: give_reminders
-- Once each, whoever else is at it. In one order, so that two nodes wait for each other and do not deadlock.
with due as (
    select d.booking_id, d.starts_at, d.outbox_id, d.payload
    from unnest($2::uuid[], $3::timestamptz[], $4::uuid[], $5::bytea[])
         as d (booking_id, starts_at, outbox_id, payload)
), given as (
    insert into booking_reminder (booking_id, kind, starts_at)
    select booking_id, $1, starts_at from due order by starts_at, booking_id
    on conflict do nothing
    returning booking_id
)
insert into outbox (id, kind, payload)
select d.outbox_id, 'booking.reminder', d.payload from due d join given g on g.booking_id = d.booking_id;

-- name: move_reminder_progress
insert into reminder_progress (kind, up_to) values ($1, $2)
on conflict (kind) do update set up_to = greatest(reminder_progress.up_to, excluded.up_to);

-- name: prune_reminders
delete from booking_reminder
where (booking_id, kind, starts_at) in (
    select booking_id, kind, starts_at from booking_reminder
    where starts_at < app_now() - interval '1 day'
    order by starts_at limit 1000 for update skip locked);

-- name: find_calendar_entry
-- Of one of the two sides.
select b.astrologer_id, b.starts_at, b.ends_at, b.created_at, b.state, b.channel,
       a.display_name as astrologer_name, a.zone as astrologer_zone,
       b.reschedules + (b.reassigned_from is not null)::int as changes, u.language
from booking b
join astrologer a on a.id = b.astrologer_id
join pool_user u on u.id = $2
where b.id = $1 and (b.user_id = $2 or b.astrologer_id = $2);
