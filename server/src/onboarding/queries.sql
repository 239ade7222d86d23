-- name: find_profile
select id, status, display_name, bio, languages, specializations, experience_years::int, city,
       submitted_at, decided_at, decision_reason, array[chat_price, call_price, video_price] as prices
from astrologer where id = $1;

-- name: save_profile
-- After lock_astrologer. Editing an approved profile keeps its approval; astrologer_complete refuses an edit
-- that would leave a listed one half empty.
with person as materialized (
    select account_goes_on($1) as goes_on
), saved as (
    insert into astrologer as a (id, display_name, bio, languages, specializations, experience_years, city)
    select $1, $2, $3, $4, $5, $6, $7 from person where goes_on or refuse_ended_account()
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
       submitted_at, decided_at, decision_reason, array[chat_price, call_price, video_price] as prices
from saved;

-- name: submit_profile
-- Approved at once when the identity check has passed and staff need not look ($4); else it waits, for one or
-- the other. The rows are locked in the order astrologer, pool_user everywhere, so whichever of this and the
-- check's end comes second sees the first.
with mine as (
    select id from astrologer where id = $1 for no key update
), person as (
    select u.id, u.kyc_status = 'completed' and not $4::bool as passed
    from mine m join pool_user u on u.id = m.id for no key update of u
), submitted as (
    update astrologer a
    set status = case when p.passed then 'approved' else 'pending' end, submitted_at = app_now(),
        decided_at = case when p.passed then app_now() end, decided_by = null,
        decision_reason = case when p.passed then 'the identity check has passed' end, updated_at = app_now()
    from person p
    where a.id = p.id and a.status in ('draft', 'rejected')
    returning a.*
), told as (
    update pool_user u
    set profile_status = s.status, updated_at = app_now(),
        groups = array_remove(u.groups, 'astrologer')
                 || case when s.status = 'approved' then array['astrologer'] else '{}' end
    from submitted s where u.id = s.id
), outdated as (  -- the tokens, not the sign-ins: the next refresh has the group
    insert into revocation (user_id, cause) select id, 'approved' from submitted where status = 'approved'
), audited as (
    insert into audit_pending
        (id, actor_id, actor_role, action, subject_kind, subject_id, reason, request_id)
    select $2::uuid, id, 'astrologer', 'profile.submit', 'astrologer', id, null, $3 from submitted
    union all
    select $5::uuid, null, 'system', 'astrologer.approve', 'astrologer', id, decision_reason, $3
    from submitted where status = 'approved'
)
select id, status, display_name, bio, languages, specializations, experience_years::int, city,
       submitted_at, decided_at, decision_reason, array[chat_price, call_price, video_price] as prices
from submitted;

-- name: decide_profile
-- Two admins at once: the second waits for the row, finds it no longer pending and decides nothing. Nobody is
-- approved whose identity check has not passed. Nobody decides on themselves.
with mine as (
    select id from astrologer where id = $1 for no key update
), person as (
    select u.id, u.kyc_status from mine m join pool_user u on u.id = m.id for no key update of u
), decided as (
    update astrologer a
    set status = $2, decided_at = app_now(), decided_by = $3, decision_reason = $4, updated_at = app_now()
    from person p
    where a.id = p.id and a.status = 'pending' and a.id <> $3
      and ($2 <> 'approved' or p.kyc_status = 'completed')
    returning a.*
), told as (
    update pool_user u
    set profile_status = d.status, updated_at = app_now(),
        groups = array_remove(u.groups, 'astrologer')
                 || case when d.status = 'approved' then array['astrologer'] else '{}' end
    from decided d where u.id = d.id
), outdated as (
    insert into revocation (user_id, cause) select id, 'approved' from decided where status = 'approved'
), audited as (
    insert into audit_pending
        (id, actor_id, actor_role, action, subject_kind, subject_id, reason, request_id)
    select $5, $3, 'admin',
           case when status = 'approved' then 'astrologer.approve' else 'astrologer.reject' end,
           'astrologer', id, decision_reason, $6
    from decided
)
select id, status, display_name, bio, languages, specializations, experience_years::int, city,
       submitted_at, decided_at, decision_reason, array[chat_price, call_price, video_price] as prices
from decided;

-- name: set_prices
with before as (
    select chat_price, call_price, video_price from astrologer where id = $1
), changed as (
    update astrologer set chat_price = $2, call_price = $3, video_price = $4, updated_at = app_now()
    where id = $1
    returning *
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $5, id, 'astrologer', 'price.change', 'astrologer', id,
           json_strip_nulls(json_build_object(
               'from', (select row_to_json(before) from before),
               'to', json_build_object('chat_price', chat_price, 'call_price', call_price,
                                       'video_price', video_price)))::text, $6
    from changed
)
select id, status, display_name, bio, languages, specializations, experience_years::int, city,
       submitted_at, decided_at, decision_reason, array[chat_price, call_price, video_price] as prices
from changed;

-- name: find_availability
select zone, weekly, buffer_before::int, buffer_after::int, notice_minutes, window_days::int, breaks,
       slot_interval::int, lengths, free_minutes::int, daily_cap::int, weekly_cap::int
from astrologer where id = $1;

-- name: set_availability
with changed as (
    update astrologer
    set zone = $2, weekly = $3, buffer_before = $4, buffer_after = $5, notice_minutes = $6, window_days = $7,
        breaks = $10, slot_interval = $11, lengths = $12, free_minutes = $13, daily_cap = $14,
        weekly_cap = $15, updated_at = app_now()
    where id = $1
    returning *
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $8, id, 'astrologer', 'availability.change', 'astrologer', id,
           json_build_object('zone', zone, 'weekly', weekly, 'breaks', breaks, 'lengths', lengths,
                             'slotInterval', slot_interval, 'freeMinutes', free_minutes,
                             'dailyCap', daily_cap, 'weeklyCap', weekly_cap)::text, $9
    from changed
)
select zone, weekly, buffer_before::int, buffer_after::int, notice_minutes, window_days::int, breaks,
       slot_interval::int, lengths, free_minutes::int, daily_cap::int, weekly_cap::int
from changed;

-- name: list_profiles
-- A queue: who submitted first comes first. Drafts, which nobody submitted, are in the order of their ids.
select id, status, display_name, bio, languages, specializations, experience_years::int, city,
       submitted_at, decided_at, decision_reason, array[chat_price, call_price, video_price] as prices
from astrologer
where status = $1 and (coalesce(submitted_at, 'epoch'), id) > ($2, $3)
order by coalesce(submitted_at, 'epoch'), id
limit $4;
