-- Sealing anew what an older data key sealed: see jobs/sealed_data.hpp for the parameters.

-- name: read_sealed_phones
select id::text as row, phone_sealed as sealed from pool_user
where id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(phone_sealed from 2 for 4) <> $1
order by id limit $3;

-- name: replace_sealed_phones
update pool_user u set phone_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where u.id = n.row::uuid and u.phone_sealed = n.old;

-- name: read_sealed_names
select id::text as row, name_sealed as sealed from pool_user
where id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(name_sealed from 2 for 4) <> $1
order by id limit $3;

-- name: replace_sealed_names
update pool_user u set name_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where u.id = n.row::uuid and u.name_sealed = n.old;

-- name: read_sealed_cities
select id::text as row, city_sealed as sealed from pool_user
where id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(city_sealed from 2 for 4) <> $1
order by id limit $3;

-- name: replace_sealed_cities
update pool_user u set city_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where u.id = n.row::uuid and u.city_sealed = n.old;

-- name: read_sealed_signing_keys
select kid as row, private_sealed as sealed from signing_key
where kid > $2 and substring(private_sealed from 2 for 4) <> $1
order by kid limit $3;

-- name: replace_sealed_signing_keys
update signing_key k set private_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where k.kid = n.row and k.private_sealed = n.old;

-- name: read_sealed_secrets
select id as row, secret_sealed as sealed from app_client
where id > $2 and substring(secret_sealed from 2 for 4) <> $1
order by id limit $3;

-- name: replace_sealed_secrets
update app_client c set secret_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where c.id = n.row and c.secret_sealed = n.old;

-- name: read_sealed_old_secrets
select id as row, old_secret_sealed as sealed from app_client
where id > $2 and substring(old_secret_sealed from 2 for 4) <> $1
order by id limit $3;

-- name: replace_sealed_old_secrets
update app_client c set old_secret_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where c.id = n.row and c.old_secret_sealed = n.old;

-- name: read_sealed_admin_secrets
select id as row, secret_sealed as sealed from admin_credential
where id > $2 and substring(secret_sealed from 2 for 4) <> $1
order by id limit $3;

-- name: replace_sealed_admin_secrets
update admin_credential c set secret_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where c.id = n.row and c.secret_sealed = n.old;

-- name: read_sealed_phone_changes
select user_id::text as row, phone_sealed as sealed from phone_change
where user_id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(phone_sealed from 2 for 4) <> $1
order by user_id limit $3;

-- name: replace_sealed_phone_changes
update phone_change p set phone_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where p.user_id = n.row::uuid and p.phone_sealed = n.old;

-- name: read_sealed_seen
select encode(hash, 'hex') as row, seen_sealed as sealed from refresh_token
where hash > decode($2, 'hex') and substring(seen_sealed from 2 for 4) <> $1
order by hash limit $3;

-- name: replace_sealed_seen
update refresh_token t set seen_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where t.hash = decode(n.row, 'hex') and t.seen_sealed = n.old;

-- name: read_sealed_tokens
select user_id::text as row, secret_sealed as sealed from software_token
where user_id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(secret_sealed from 2 for 4) <> $1
order by user_id limit $3;

-- name: replace_sealed_tokens
update software_token t set secret_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where t.user_id = n.row::uuid and t.secret_sealed = n.old;

-- name: read_sealed_pending_tokens
select user_id::text as row, pending_sealed as sealed from software_token
where user_id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(pending_sealed from 2 for 4) <> $1
order by user_id limit $3;

-- name: replace_sealed_pending_tokens
update software_token t set pending_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where t.user_id = n.row::uuid and t.pending_sealed = n.old;

-- name: read_sealed_emails
select id::text as row, email_sealed as sealed from pool_user
where id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(email_sealed from 2 for 4) <> $1
order by id limit $3;

-- name: replace_sealed_emails
update pool_user u set email_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where u.id = n.row::uuid and u.email_sealed = n.old;

-- name: read_sealed_email_changes
select user_id::text as row, email_sealed as sealed from email_change
where user_id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(email_sealed from 2 for 4) <> $1
order by user_id limit $3;

-- name: replace_sealed_email_changes
update email_change c set email_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where c.user_id = n.row::uuid and c.email_sealed = n.old;

-- name: read_sealed_past_sessions
select encode(seen_with, 'hex') as row, seen_sealed as sealed from past_session
where seen_with > decode($2, 'hex') and substring(seen_sealed from 2 for 4) <> $1
order by seen_with limit $3;

-- name: replace_sealed_past_sessions
update past_session p set seen_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where p.seen_with = decode(n.row, 'hex') and p.seen_sealed = n.old;
