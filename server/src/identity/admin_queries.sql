-- What the admin operations do. Those that end sign-ins run in a transaction that begins with lock_user: a
-- sign-in locks the same row (for share), so it is either seen here or sees what was done here.

-- name: load_credentials
select id, secret_sealed from admin_credential;

-- name: list_credentials
select id, label, created_at from admin_credential order by created_at, id;

-- name: claim_first_credential
update user_pool set first_credential_at = app_now() where first_credential_at is null returning region, id;

-- name: find_pool_name
select region, id from user_pool order by created_at limit 1;

-- name: create_credential
with made as (
    insert into admin_credential (id, secret_sealed, label)
    select $1, $2, $3 where (select count(*) from admin_credential) < 20
    returning id, label
), audited as (
    insert into audit_pending (id, actor_role, action, subject_kind, detail)
    select $4, 'operator', 'credential.create', 'admin_credential',
           json_build_object('accessKey', id, 'label', label)::text
    from made
)
select id from made;

-- name: remove_credential
with gone as (
    delete from admin_credential where id = $1 returning id, label
), audited as (
    insert into audit_pending (id, actor_role, action, subject_kind, detail)
    select $2, 'operator', 'credential.remove', 'admin_credential',
           json_build_object('accessKey', id, 'label', label)::text
    from gone
)
select id from gone;

-- name: find_user
-- By id or by phone: one of the two is null.
select id from pool_user where (id = $1 or phone_hash = $2) and deleted_at is null;

-- name: lock_user
-- By id or by phone, as find_user. For update: nothing that refers to them begins meanwhile.
select id from pool_user where (id = $1 or phone_hash = $2) and deleted_at is null for update;

-- name: lock_profile
-- Before lock_user: astrologer, then pool_user, is everybody's order.
select id from astrologer where id = $1 for update;

-- name: end_all_families
-- Every open family by name, so that no clock decides what has ended.
with mine as (
    select id from refresh_family where user_id = $1 and revoked_at is null order by id for no key update
), ended as (
    update refresh_family f set revoked_at = app_now() from mine where f.id = mine.id
    returning f.id, f.user_id
)
insert into revocation (user_id, family_id, cause) select user_id, id, $2 from ended;

-- name: record_act
insert into audit_pending (id, actor_role, action, subject_kind, subject_id, detail, request_id)
values ($1, 'operator', $2, 'pool_user', $3, $4, $5);

-- name: admin_create_user
-- The operator vouches for the phone, so the user is confirmed, with a wallet and the welcome bonus.
with stored as (
    insert into pool_user (id, phone_hash, phone_sealed, name_sealed, user_type, profile_status, kyc_status,
                           confirmed_at, email_sealed, email_verified)
    values ($1, $2, $3, $4, $5, case when $5 = 'astrologer' then 'pending' end,
            case when $5 = 'astrologer' then 'not_started' end, app_now(), $11, $12)
    on conflict (phone_hash) do nothing
    returning id, user_type, created_at
), welcome as (
    insert into welcomed (phone_hash) select $2 from stored on conflict do nothing returning phone_hash
), wallet_made as (
    insert into wallet (owner_id, bonus)
    select id, case when user_type = 'user' and exists (select from welcome) then $6::bigint else 0 end
    from stored
    returning owner_id, bonus
), granted as (
    insert into journal (id, kind, reference_id)
    select $7, 'promotion.welcome', owner_id from wallet_made where bonus > 0
), posted as (
    insert into posting (journal_id, line, debit_owner, debit_account, credit_owner, credit_account, amount)
    select $7, 1, '00000000-0000-0000-0000-000000000000', 'promotions', owner_id, 'bonus', bonus
    from wallet_made where bonus > 0
), audited as (
    insert into audit_pending (id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $8, 'operator', 'user.create', 'pool_user', id, $9, $10 from stored
)
select created_at from stored;

-- name: admin_read_user
with seen as (
    select id, phone_sealed, name_sealed, email_sealed, email_verified, user_type, profile_status,
           kyc_status, groups, created_at, updated_at, enabled, confirmed_at is not null as confirmed
    from pool_user where (id = $1 or phone_hash = $2) and deleted_at is null
), audited as (
    insert into audit_pending (id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $3, 'operator', 'admin.read_user', 'pool_user', id, $4, $5 from seen
)
select * from seen;

-- name: admin_list_users
-- One page, newest first, of the ids from $2 to $3; null filters let everyone through.
with seen as (
    select id, phone_sealed, name_sealed, email_sealed, email_verified, user_type, profile_status,
           kyc_status, groups, created_at, updated_at, enabled, confirmed_at is not null as confirmed
    from pool_user
    where id < $1 and id between $2 and $3 and deleted_at is null and ($4::boolean is null or enabled = $4)
      and ($5::boolean is null or (confirmed_at is not null) = $5)
    order by id desc limit $6::int + 1
), page as (
    select id from seen order by id desc limit $6::int
), audited as (
    insert into audit_pending (id, actor_role, action, subject_kind, detail, request_id)
    select $7, 'operator', 'admin.read_users', 'pool_user',
           json_build_object('accessKey', $8::text, 'ids', coalesce(json_agg(id), '[]'))::text, $9
    from page
)
select * from seen order by id desc;

-- name: admin_list_by_prefix
with seen as (
    select u.id, phone_sealed, name_sealed, email_sealed, email_verified, user_type, profile_status,
           kyc_status, groups, created_at, updated_at, enabled, confirmed_at is not null as confirmed
    from phone_prefix p join pool_user u on u.id = p.user_id
    where p.hash = $1 and p.user_id < $2 and u.deleted_at is null
    order by p.user_id desc limit $3::int + 1
), page as (
    select id from seen order by id desc limit $3::int
), audited as (
    insert into audit_pending (id, actor_role, action, subject_kind, detail, request_id)
    select $4, 'operator', 'admin.read_users', 'pool_user',
           json_build_object('accessKey', $5::text, 'ids', coalesce(json_agg(id), '[]'))::text, $6
    from page
)
select * from seen order by id desc;

-- name: admin_list_group
with seen as (
    select id, phone_sealed, name_sealed, email_sealed, email_verified, user_type, profile_status,
           kyc_status, groups, created_at, updated_at, enabled, confirmed_at is not null as confirmed
    from pool_user
    where groups @> array[$1::text] and groups <> '{}' and id < $2 and deleted_at is null
    order by id desc limit $3::int + 1
), page as (
    select id from seen order by id desc limit $3::int
), audited as (
    insert into audit_pending (id, actor_role, action, subject_kind, detail, request_id)
    select $4, 'operator', 'admin.read_users', 'pool_user',
           json_build_object('accessKey', $5::text, 'ids', coalesce(json_agg(id), '[]'))::text, $6
    from page
)
select * from seen order by id desc;

-- name: change_name
update pool_user set name_sealed = $2, updated_at = app_now() where id = $1;

-- name: change_user_type
-- Nothing when they have that type already, or a profile to decide on: a profile is an astrologer's.
-- What staff and KYC decide begins anew; it cannot be written.
update pool_user u
set user_type = $2, profile_status = case when $2 = 'astrologer' then 'pending' end,
    kyc_status = case when $2 = 'astrologer' then 'not_started' end, updated_at = app_now()
where u.id = $1 and u.user_type <> $2
  and ($2 = 'astrologer' or not exists (select from astrologer a where a.id = u.id))
returning u.id;

-- name: find_user_type
select user_type from pool_user where id = $1;

-- name: set_enabled
update pool_user set enabled = $2, updated_at = app_now() where id = $1;

-- name: forget_user
-- What is left says that there was somebody. $2 is random, so the phone is free.
with nowhere as (
    update refresh_token t set seen_sealed = null
    from refresh_family f
    where f.user_id = $1 and t.family_id = f.id and t.seen_sealed is not null
), nothing_waits as (
    delete from phone_change where user_id = $1
), no_email_waits as (
    delete from email_change where user_id = $1
), no_email_counted as (
    delete from email_guard where key = email_guard_of($1)
), nobodys as (  -- who asked for the account may not learn from this that there was one
    update phone_recovery
    set user_id = null, new_sealed = null, remind_at = null,
        state = case state when 'approved' then 'void' else state end
    where user_id = $1 and state <> 'moved'
), recovered as (
    delete from phone_recovery where user_id = $1 and state = 'moved'
)
update pool_user
set phone_hash = $2, phone_sealed = $3, name_sealed = null, language = null, city_sealed = null,
    adult_declared_at = null, email_sealed = null, email_verified = false, groups = '{}', enabled = false,
    deleted_at = app_now(), updated_at = app_now()
where id = $1;

-- name: forget_profile
update astrologer
set status = 'rejected', display_name = 'Deleted', bio = '', city = '', languages = '{}',
    specializations = '{}', chat_price = null, call_price = null, video_price = null,
    legal_name_sealed = null, gender = null,
    decision_reason = 'The user was deleted', updated_at = app_now()
where id = $1;

-- name: add_to_group
-- Against the row's latest version, so that parallel changes lose nothing. The revocation is of the tokens
-- issued before, not of the sign-ins: the next refresh has the group.
with changed as (
    update pool_user u
    set groups = array(select distinct g from unnest(u.groups || $2::text) g order by g),
        updated_at = app_now()
    where u.id = $1 and not u.groups @> array[$2::text]
    returning u.id
)
insert into revocation (user_id, cause) select id, 'admin_add_to_group' from changed;

-- name: remove_from_group
update pool_user u set groups = array_remove(u.groups, $2::text), updated_at = app_now()
where u.id = $1 and u.groups @> array[$2::text];

-- name: find_group
select name, description, precedence, created_at, updated_at from pool_group where name = $1;

-- name: create_group
with made as (
    insert into pool_group (name, description, precedence)
    select $1, $2, $3::int where (select count(*) from pool_group) < 500
    on conflict (name) do nothing
    returning *
), audited as (
    insert into audit_pending (id, actor_role, action, subject_kind, detail, request_id)
    select $4, 'operator', 'group.create', 'pool_group',
           json_build_object('accessKey', $5::text, 'group', name)::text, $6
    from made
)
select name, description, precedence, created_at, updated_at from made;

-- name: list_groups
select name, description, precedence, created_at, updated_at
from pool_group where name > $1 order by name limit $2::int + 1;

-- name: list_groups_of
select g.name, g.description, g.precedence, g.created_at, g.updated_at
from pool_user u join pool_group g on g.name = any (u.groups)
where u.id = $1 and g.name > $2 order by g.name limit $3::int + 1;

-- name: describe_pool
-- How many users: counted while they are few, estimated by the planner's statistics when they are many.
select p.id, p.region, p.created_at,
       case when c.reltuples < 50000 then (select count(*) from pool_user where deleted_at is null)
            else c.reltuples::bigint end as users
from user_pool p join pg_class c on c.oid = 'pool_user'::regclass where p.id = $1;

-- name: describe_client
select id, name, access_seconds, id_seconds, refresh_seconds, grace_seconds, rotates, flows,
       readable, writable, created_at
from app_client where id = $1 and pool_id = $2;

-- name: read_unindexed
select id, phone_hash, phone_sealed from pool_user where not phone_indexed order by id limit $1::int;

-- name: index_phones
-- Only for users whose phone is still the one that was read, and whom nobody else is changing just now.
with mine as (
    select u.id from pool_user u join unnest($1::uuid[], $2::bytea[]) as v(id, phone_hash) on v.id = u.id
    where u.phone_hash = v.phone_hash and not u.phone_indexed
    order by u.id for no key update of u skip locked
), indexed as (
    update pool_user u set phone_indexed = true from mine where u.id = mine.id returning u.id
)
insert into phone_prefix (hash, user_id)
select p.hash, p.user_id from unnest($3::bytea[], $4::uuid[]) as p(hash, user_id)
join indexed i on i.id = p.user_id
on conflict do nothing;
