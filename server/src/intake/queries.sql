-- Locks are taken in one order: pool_user, booking, then the rows of this folder. An erasure locks the
-- pool_user for update before it deletes them, so nothing is written for an account that has ended.

-- name: list_birth_profiles
select id, details_sealed, created_at, updated_at from birth_profile where user_id = $1 order by slot;

-- name: count_birth_profiles
select count(*)::int as profiles from birth_profile where user_id = $1;

-- name: add_birth_profile
-- Into the lowest free slot. No row: there is none, the account has ended, or a rival took the slot.
with person as (
    select id from pool_user where id = $2 and deleted_at is null for key share
), made as (
    insert into birth_profile (id, user_id, slot, details_sealed)
    select $1, person.id, slot, $3
    from person, (select slot from generate_series(1, 10) as slot
                  where slot not in (select slot from birth_profile where user_id = $2)
                  order by slot limit 1) as free (slot)
    on conflict (user_id, slot) do nothing
    returning id, user_id, created_at, updated_at
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $4, user_id, 'user', 'birth_profile.add', 'birth_profile', id, $5 from made
)
select id, $3::bytea as details_sealed, created_at, updated_at from made;

-- name: change_birth_profile
with changed as (
    update birth_profile set details_sealed = $3, updated_at = app_now()
    where id = $1 and user_id = $2
    returning id, user_id, created_at, updated_at
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $4, user_id, 'user', 'birth_profile.change', 'birth_profile', id, $5 from changed
)
select id, $3::bytea as details_sealed, created_at, updated_at from changed;

-- name: remove_birth_profile
with gone as (
    delete from birth_profile where id = $1 and user_id = $2 returning id, user_id
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $3, user_id, 'user', 'birth_profile.remove', 'birth_profile', id, $4 from gone
)
select id from gone;

-- name: read_intake_terms
-- The caller's booking, and the birth profile that is to be copied.
select b.state, b.starts_at, p.details_sealed
from booking b left join birth_profile p on p.id = $3 and p.user_id = b.user_id
where b.id = $1 and b.user_id = $2;

-- name: attach_intake
-- The booking is locked against its cancellation and its move: one comes after the other, and whichever is
-- second sees it. No row: it is not open for this any more.
with person as (
    select id from pool_user where id = $2 and deleted_at is null for key share
), open as (
    select b.id from booking b join person p on p.id = b.user_id
    where b.id = $1 and b.state = 'confirmed' and b.starts_at > app_now()
    for share of b
), saved as (
    insert into intake as i (booking_id, birth_sealed, question_sealed)
    select id, $3, $4 from open
    on conflict (booking_id) do update
    set birth_sealed = excluded.birth_sealed, question_sealed = excluded.question_sealed,
        updated_at = app_now()
    returning i.booking_id, i.birth_sealed, i.question_sealed, i.updated_at
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $5, $2, 'user', 'intake.change', 'booking', booking_id, $6 from saved
)
select booking_id as id, birth_sealed, question_sealed, updated_at from saved;

-- name: read_intake
select b.user_id, b.astrologer_id, b.state, b.ends_at, i.birth_sealed, i.question_sealed, i.updated_at
from booking b left join intake i on i.booking_id = b.id
where b.id = $1 and (b.user_id = $2 or b.astrologer_id = $2);

-- name: read_intake_for_staff
-- The read and its audit row are one statement: nobody's data is shown without a trace of whose it was.
with seen as (
    select i.booking_id, b.user_id, i.birth_sealed, i.question_sealed, i.updated_at
    from intake i join booking b on b.id = i.booking_id
    where i.booking_id = $1
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, detail,
                               request_id)
    select $2, $3, $4, 'admin.read_intake', 'booking', booking_id, $5,
           json_build_object('user', user_id)::text, $6
    from seen
)
select booking_id as id, birth_sealed, question_sealed, updated_at from seen;
