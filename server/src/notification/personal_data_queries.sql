-- See pg/personal_data.hpp for the parameters. What is too old goes by prune_notifications and prune_devices.

-- name: read_news_data
select json_build_object('kind', kind, 'params', params::json, 'at', created_at, 'readAt', read_at)::text
           as record,
       '{}'::text[] as names, '{}'::text[] as purposes, '{}'::text[] as places, '{}'::bytea[] as sealed
from notification where user_id = $1 order by id desc limit 10000;

-- name: forget_news
delete from notification where user_id = $1;

-- name: read_device_data
-- The token says nothing to anybody but the push service.
select json_build_object('id', id, 'platform', platform, 'since', created_at, 'lastSeen', seen_at)::text
           as record,
       '{}'::text[] as names, '{}'::text[] as purposes, '{}'::text[] as places, '{}'::bytea[] as sealed
from device where user_id = $1 order by id desc;

-- name: forget_devices
delete from device where user_id = $1;
