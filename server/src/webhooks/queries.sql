-- name: receive_event
-- $6 is when the sender says that it made the event. A clock that is far ahead is noted and believed no less.
with event as (
    insert into webhook_event (id, provider, event_id, body_hash, body_sealed, created_at, ahead)
    values ($1, $2, $3, $4, $5, $6::timestamptz,
            coalesce($6::timestamptz > app_now() + interval '5 minutes', false))
    on conflict (provider, event_id) where conflicts_with is null do nothing
    returning id, ahead
), told as (
    insert into outbox (id, kind, payload) select $7, 'webhook.' || $2::text, $8 from event
)
select ahead from event;

-- name: receive_again
-- What receive_event found there already. Another body is kept, once.
with first as (
    select id, body_hash from webhook_event
    where provider = $2 and event_id = $3 and conflicts_with is null
), conflicting as (
    insert into webhook_event (id, provider, event_id, body_hash, body_sealed, created_at, conflicts_with)
    select $1, $2, $3, $4, $5, $6::timestamptz, f.id from first f where f.body_hash <> $4
    on conflict (conflicts_with, body_hash) where conflicts_with is not null do nothing
)
select body_hash <> $4 as conflict from first;

-- name: read_event
select provider, event_id, body_sealed, received_at, created_at from webhook_event
where id = $1 and body_sealed is not null;

-- name: forget_bodies
update webhook_event set body_sealed = null
where id in (select id from webhook_event
             where body_sealed is not null and received_at < app_now() - interval '30 days'
             order by received_at limit 1000 for update skip locked);

-- name: forget_events
delete from webhook_event
where id in (select id from webhook_event where received_at < app_now() - interval '90 days'
             order by received_at limit 1000 for update skip locked);

-- name: read_sealed_bodies
select id::text as row, body_sealed as sealed from webhook_event
where id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(body_sealed from 2 for 4) <> $1
order by id limit $3;

-- name: replace_sealed_bodies
update webhook_event e set body_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where e.id = n.row::uuid and e.body_sealed = n.old;
