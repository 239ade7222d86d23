-- name: pool_version
select version from user_pool;

-- name: load_clients
select id, name, main, rotates, opens_api, rich_access, access_seconds, id_seconds, refresh_seconds,
       grace_seconds, flows, readable, writable, secret_sealed, old_secret_sealed, old_secret_until
from app_client order by not main, created_at, id;

-- name: load_keys
-- Those to be published: a retired key verifies for as long as its tokens may live, a day at most.
select kid, token_use, private_sealed, signs_from, retired_at, supplied
from signing_key where retired_at is null or retired_at > app_now() - interval '25 hours'
order by token_use, signs_from desc, kid;

-- name: supply_key
-- At once: whoever supplies a key has a reason, and takes care that verifiers know it.
with never_signed as (
    delete from signing_key where token_use = $2 and kid <> $1 and signs_from > app_now() returning kid
), others as (
    update signing_key set retired_at = app_now()
    where token_use = $2 and kid <> $1 and signs_from <= app_now()
      and (retired_at is null or retired_at > app_now())
    returning kid
)
insert into signing_key as k (kid, token_use, private_sealed, supplied)
select $1, $2, $3, true
from (select count(*) from never_signed) first, (select count(*) from others) second
on conflict (kid) do update
set supplied = true, signs_from = case when k.retired_at is null then k.signs_from else app_now() end,
    retired_at = null;

-- name: create_key
insert into signing_key (kid, token_use, private_sealed) values ($1, $2, $3);

-- name: rotate_key
-- Parallel rotations queue on the row of the last key; all but the first find that it has a successor.
-- $4: seconds until the new key signs; $5: the least age in seconds of the one before; $6: supplied ones too.
with retiring as (
    update signing_key set retired_at = app_now() + $4::int * interval '1 second'
    where token_use = $2 and retired_at is null and signs_from <= app_now() - $5::int * interval '1 second'
      and (not supplied or $6)
    returning retired_at
), made as (
    insert into signing_key (kid, token_use, private_sealed, signs_from)
    select $1, $2, $3, retired_at from retiring
    returning kid, token_use, signs_from
), audited as (
    insert into audit_pending (id, actor_role, action, subject_kind, detail)
    select $7, $8, 'signing_key.rotate', 'signing_key',
           json_build_object('kid', kid, 'use', token_use, 'signsFrom', signs_from)::text
    from made
)
select signs_from from made;

-- name: keys_due
-- So that keys are not drawn for nothing; rotate_key decides.
select token_use from signing_key
where retired_at is null and not supplied and signs_from <= app_now() - $1::int * interval '1 second';

-- name: list_keys
select kid, token_use, supplied, signs_from, retired_at,
       case when signs_from > app_now() then 'next'
            when retired_at is null or retired_at > app_now() then 'current'
            when retired_at > app_now() - interval '25 hours' then 'retired'
            else 'gone' end as state
from signing_key order by token_use, signs_from desc, kid;

-- name: prune_keys
delete from signing_key where retired_at < app_now() - interval '2 days';

-- name: add_client
with made as (
    insert into app_client (id, pool_id, name, rotates, opens_api, rich_access, access_seconds, id_seconds,
                            refresh_seconds, grace_seconds, flows, readable, writable, secret_sealed)
    select $1, id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 from user_pool
    returning id, secret_sealed
), audited as (
    insert into audit_pending (id, actor_role, action, subject_kind, detail)
    select $14, 'operator', 'app_client.add', 'app_client',
           json_build_object('clientId', id, 'confidential', secret_sealed is not null)::text
    from made
)
select id from made;

-- name: rotate_client_secret
-- $3: seconds in which the old secret stays good; with none it goes at once.
with changed as (
    update app_client
    set old_secret_sealed = case when $3::int > 0 then secret_sealed end,
        old_secret_until = case when $3::int > 0 then app_now() + $3::int * interval '1 second' end,
        secret_sealed = $2
    where id = $1 and secret_sealed is not null
    returning id, old_secret_until
), audited as (
    insert into audit_pending (id, actor_role, action, subject_kind, detail)
    select $4, 'operator', 'app_client.rotate_secret', 'app_client',
           json_build_object('clientId', id, 'oldUntil', old_secret_until)::text
    from changed
)
select id from changed;

-- name: remove_client
with removed as (
    delete from app_client where id = $1 and not main returning id, name
), audited as (
    insert into audit_pending (id, actor_role, action, subject_kind, detail)
    select $2, 'operator', 'app_client.remove', 'app_client',
           json_build_object('clientId', id, 'name', name)::text
    from removed
)
select id from removed;

-- name: end_families_without_client
-- In the order of their ids, as everyone locks families.
with orphans as (
    select id from refresh_family f
    where revoked_at is null and not exists (select from app_client c where c.id = f.client_id)
    order by id limit 500 for no key update
), ended as (
    update refresh_family f set revoked_at = app_now() from orphans o where f.id = o.id
    returning f.id, f.user_id
), told as (
    insert into revocation (user_id, family_id, cause) select user_id, id, 'client_removed' from ended
)
select count(*) as ended from ended;

-- name: find_refreshable
-- For clients that do not rotate: the token stays what it is. One that was rotated once is spent. Where it
-- was seen is written once a minute.
with family as (
    select f.id from refresh_token t join refresh_family f on f.id = t.family_id
    where t.hash = $1 and t.used_at is null and t.seen_at < app_now() - interval '1 minute'
      and f.revoked_at is null
    for no key update of f
), seen as (
    update refresh_token t set seen_at = app_now(), seen_sealed = $3
    from family f where t.hash = $1 and t.family_id = f.id
)
select p.id, p.phone_sealed, p.name_sealed, p.email_sealed, p.email_verified, p.user_type,
       p.profile_status, p.kyc_status, coalesce(p.groups, '{}') as groups, p.created_at,
       false as reused, f.id as family_id, f.auth_time, f.second_factor
from refresh_token t
join refresh_family f on f.id = t.family_id and f.client_id = $2 and f.revoked_at is null
                     and f.expires_at > app_now()
left join pool_user p on p.id = f.user_id and p.enabled
where t.hash = $1 and t.used_at is null;
