-- name: find_profile
select id, status, display_name, bio, languages, specializations, experience_years::int, city,
       submitted_at, decided_at, decision_reason, price_per_minute
from astrologer where id = $1;

-- name: save_profile
-- Editing an approved profile keeps its approval; astrologer_complete refuses an edit that would leave a
-- listed one half empty.
with saved as (
    insert into astrologer as a (id, display_name, bio, languages, specializations, experience_years, city)
    values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (id) do update
    set display_name = excluded.display_name, bio = excluded.bio, languages = excluded.languages,
        specializations = excluded.specializations, experience_years = excluded.experience_years,
        city = excluded.city, updated_at = app_now()
    returning a.*
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $8, id, 'astrologer', 'profile.change', 'astrologer', id, $9 from saved
)
select id, status, display_name, bio, languages, specializations, experience_years::int, city,
       submitted_at, decided_at, decision_reason, price_per_minute
from saved;

-- name: submit_profile
-- The rows are locked in the order astrologer, pool_user everywhere.
with submitted as (
    update astrologer
    set status = 'pending', submitted_at = app_now(), decided_at = null, decided_by = null,
        decision_reason = null, updated_at = app_now()
    where id = $1 and status in ('draft', 'rejected')
    returning *
), told as (
    update pool_user u set profile_status = 'pending', updated_at = app_now()
    from submitted s where u.id = s.id
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $2, id, 'astrologer', 'profile.submit', 'astrologer', id, $3 from submitted
)
select id, status, display_name, bio, languages, specializations, experience_years::int, city,
       submitted_at, decided_at, decision_reason, price_per_minute
from submitted;

-- name: decide_profile
-- Two admins at once: the second waits for the row, finds it no longer pending and decides nothing.
with decided as (
    update astrologer
    set status = $2, decided_at = app_now(), decided_by = $3, decision_reason = $4, updated_at = app_now()
    where id = $1 and status = 'pending'
    returning *
), told as (
    update pool_user u
    set profile_status = d.status, updated_at = app_now(),
        groups = array_remove(u.groups, 'astrologer')
                 || case when d.status = 'approved' then array['astrologer'] else '{}' end
    from decided d where u.id = d.id
), audited as (
    insert into audit_pending
        (id, actor_id, actor_role, action, subject_kind, subject_id, reason, request_id)
    select $5, $3, 'admin',
           case when status = 'approved' then 'astrologer.approve' else 'astrologer.reject' end,
           'astrologer', id, decision_reason, $6
    from decided
)
select id, status, display_name, bio, languages, specializations, experience_years::int, city,
       submitted_at, decided_at, decision_reason, price_per_minute
from decided;

-- name: set_price
with before as (
    select price_per_minute from astrologer where id = $1
), changed as (
    update astrologer set price_per_minute = $2, updated_at = app_now() where id = $1 returning *
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $3, id, 'astrologer', 'price.change', 'astrologer', id,
           json_build_object('from', (select price_per_minute from before), 'to', price_per_minute)::text, $4
    from changed
)
select id, status, display_name, bio, languages, specializations, experience_years::int, city,
       submitted_at, decided_at, decision_reason, price_per_minute
from changed;

-- name: find_availability
select zone, weekly, buffer_before::int, buffer_after::int, notice_minutes, window_days::int
from astrologer where id = $1;

-- name: set_availability
with changed as (
    update astrologer
    set zone = $2, weekly = $3, buffer_before = $4, buffer_after = $5, notice_minutes = $6, window_days = $7,
        updated_at = app_now()
    where id = $1
    returning *
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $8, id, 'astrologer', 'availability.change', 'astrologer', id,
           json_build_object('zone', zone, 'weekly', weekly)::text, $9
    from changed
)
select zone, weekly, buffer_before::int, buffer_after::int, notice_minutes, window_days::int
from changed;

-- name: list_profiles
-- A queue: who submitted first comes first. Drafts, which nobody submitted, are in the order of their ids.
select id, status, display_name, bio, languages, specializations, experience_years::int, city,
       submitted_at, decided_at, decision_reason, price_per_minute
from astrologer
where status = $1 and (coalesce(submitted_at, 'epoch'), id) > ($2, $3)
order by coalesce(submitted_at, 'epoch'), id
limit $4;
