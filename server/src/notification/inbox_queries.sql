-- name: list_notifications
select id, kind, params, created_at, read_at
from notification where user_id = $1 and id < $2 order by id desc limit $3;

-- name: count_unread
select count(*) as unread from notification where user_id = $1 and read_at is null;

-- name: mark_read
with seen as (
    update notification set read_at = app_now()
    where user_id = $1 and id <= $2 and read_at is null
    returning id
)
select (select count(*) from notification where user_id = $1 and read_at is null)
     - (select count(*) from seen) as unread;

-- name: read_new
-- Oldest first, after that id.
select id, kind, params, created_at, read_at
from notification where user_id = $1 and id > $2 order by id limit $3;

-- name: tail_notifications
-- What became visible since the last look, whichever statement began first: those of the last ten seconds
-- come again.
select t.read_at, n.id, n.user_id, n.created_at
from (select app_now() as read_at) t
left join lateral (
    select id, user_id, created_at from notification
    where created_at > coalesce($1::timestamptz, t.read_at) - interval '10 seconds'
    order by created_at, id limit $2
) n on true;

-- name: prune_notifications
delete from notification
where id in (select id from notification where created_at < app_now() - interval '90 days'
             order by created_at limit 1000 for update skip locked);

-- name: prune_devices
delete from device
where id in (select id from device where seen_at < app_now() - interval '1 year'
             limit 1000 for update skip locked);

-- name: register_device
-- The token says which device it is; its row keeps its id, and the token that was sealed for that.
insert into device as d (id, user_id, token_hash, token_sealed, platform)
values ($1, $2, $3, $4, $5)
on conflict (token_hash) do update
set user_id = excluded.user_id, platform = excluded.platform, seen_at = app_now()
returning id, platform, created_at;

-- name: remove_device
delete from device where id = $1 and user_id = $2;

-- name: read_device_token
select token_sealed from device where id = $1 and user_id = $2;

-- name: forget_device
-- The token that was refused, and not one registered since.
delete from device where id = $1 and user_id = $2 and token_sealed = $3;

-- name: read_person
select u.phone_sealed, u.language, u.deleted_at is not null as deleted,
       array(select d.id from device d where d.user_id = u.id order by d.id) as devices
from pool_user u where u.id = $1;

-- name: tell_person
-- One event becomes a notification and what goes to each device and phone, or, where the lease was lost,
-- nothing.
with gone as (
    delete from outbox where id = $1 and attempts = $2 returning id
), noted as (
    insert into notification (id, user_id, kind, params) select $3, $4, $5, $6 from gone
)
insert into outbox (id, kind, payload)
select part.id, part.kind, part.payload
from gone, unnest($7::uuid[], $8::text[], $9::bytea[]) as part(id, kind, payload);

-- name: read_sealed_devices
select id::text as row, token_sealed as sealed from device
where id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(token_sealed from 2 for 4) <> $1
order by id limit $3;

-- name: replace_sealed_devices
update device d set token_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where d.id = n.row::uuid and d.token_sealed = n.old;
