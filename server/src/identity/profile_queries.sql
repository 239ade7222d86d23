-- name: find_with_profile
select id, phone_sealed, name_sealed, email_sealed, email_verified, user_type, profile_status, kyc_status,
       groups, created_at, language, city_sealed, adult_declared_at, profile_gaps(u) as missing
from pool_user u where id = $1 and enabled;

-- name: save_profile
-- Who says it again has not said it later: the declaration keeps its instant.
with saved as (
    update pool_user u
    set name_sealed = $2, language = $3, city_sealed = $4,
        adult_declared_at = coalesce(u.adult_declared_at, app_now()), updated_at = app_now()
    where u.id = $1 and u.enabled and u.user_type = 'user'
    returning u.id, u.language, u.adult_declared_at
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $5, id, 'user', 'profile.change', 'pool_user', id,
           json_build_object('language', language, 'adultDeclaredAt', adult_declared_at)::text, $6
    from saved
)
select adult_declared_at from saved;
