-- name: lock_astrologer
-- First in every transaction that changes uploads and the profile, or counts uploads: astrologer, then
-- upload, is also the order in which an account ends.
select id from astrologer where id = $1 for no key update;

-- name: ask_upload
-- After lock_astrologer, so that those at once are counted one after the other.
insert into upload (id, user_id, kind, content_type, size, expires_at)
select $1, $2, $3, $4, $5, app_now() + $6::int * interval '1 second'
where (select count(*) from upload where user_id = $2 and created_at > app_now() - interval '1 day') < $7
returning id, user_id, kind, state, content_type, size, fault, parts, created_at;

-- name: find_upload
select id, user_id, kind, state, content_type, size, fault, parts, created_at from upload where id = $1;

-- name: confirm_upload
-- Told again, it says how far the upload is.
with sent as (
    update upload set state = 'sent', expires_at = app_now() + interval '1 day'
    where id = $1 and user_id = $2 and state = 'asked'
    returning *
), queued as (
    insert into outbox (id, kind, payload) select $3, 'upload.process', $4 from sent
)
select id, user_id, kind, state, content_type, size, fault, parts, created_at from sent
union all
select id, user_id, kind, state, content_type, size, fault, parts, created_at from upload
where id = $1 and user_id = $2 and state not in ('asked', 'removed');

-- name: finish_upload
-- After lock_astrologer. The one before is out of the way first: `ready` asks for it.
with this as (
    select id, user_id, kind from upload where id = $1 and state = 'sent'
), before as (
    update upload u set state = 'removed', settled_at = app_now()
    from this t
    where u.user_id = t.user_id and u.kind = t.kind and u.kind <> 'certificate' and u.state = 'ready'
    returning u.id
), ready as (
    update upload u set state = 'ready', parts = $2, settled_at = app_now()
    from this t
    where u.id = t.id and u.state = 'sent' and (select count(*) from before) >= 0
    returning u.id, u.user_id, u.kind
), shown as (
    update astrologer a set photo = r.id, updated_at = app_now()
    from ready r where a.id = r.user_id and r.kind = 'photo'
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, detail)
    select $3, user_id, 'system', 'upload.ready', 'upload', id, json_build_object('kind', kind)::text
    from ready
)
select id from ready;

-- name: refuse_upload
with refused as (
    update upload set state = 'refused', fault = $2, settled_at = app_now()
    where id = $1 and state = 'sent'
    returning id, user_id, kind, fault
)
insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, detail)
select $3, user_id, 'system', 'upload.refuse', 'upload', id,
       json_build_object('kind', kind, 'fault', fault)::text
from refused;

-- name: remove_upload
-- After lock_astrologer.
with removed as (
    update upload set state = 'removed', settled_at = app_now()
    where id = $1 and user_id = $2 and state <> 'removed'
    returning id, user_id, kind
), hidden as (
    update astrologer a set photo = null, updated_at = app_now() from removed r where a.photo = r.id
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $3, user_id, 'astrologer', 'upload.remove', 'upload', id, json_build_object('kind', kind)::text, $4
    from removed
)
select id from removed;

-- name: list_uploads
select id, user_id, kind, state, content_type, size, fault, parts, created_at from upload
where user_id = $1 and state <> 'removed'
order by id desc limit 50;

-- name: read_uploads
-- For staff, who say why.
with audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, request_id)
    values ($2, $3, $4, 'upload.read', 'astrologer', $1, $5, $6)
)
select id, user_id, kind, state, content_type, size, fault, parts, created_at from upload
where user_id = $1 and state <> 'removed'
order by id desc limit 50;

-- name: give_up_uploads
-- Links for sending have ended long before.
with due as (
    select id from upload where state in ('asked', 'sent') and expires_at < app_now() - interval '1 hour'
    order by expires_at, id limit $1 for update skip locked
)
update upload u set state = 'removed', settled_at = app_now() from due where u.id = due.id;

-- name: list_unswept_uploads
-- The papers of somebody on hold stay, and those of an ended account for as long as its tombstone. A photo
-- does not: everybody could go on seeing it.
select id, user_id, kind, state, content_type, size, fault, parts, created_at from upload
where state = 'removed' and swept_at is null and (kind = 'photo' or not keeps_files(user_id))
order by id limit $1;

-- name: share_hold_lock
-- Again before each file: a connection that was lost, and the lock with it, is noticed before the next goes.
select share_hold_lock()::text as locked;

-- name: take_unswept_upload
-- One of them, after share_hold_lock: a hold that was set since is seen.
select id, user_id, kind, state, content_type, size, fault, parts, created_at from upload
where id = $1 and state = 'removed' and swept_at is null and (kind = 'photo' or not keeps_files(user_id))
for update skip locked;

-- name: list_late_uploads
-- Settled ones whose link has ended: it may have been used again.
select id, user_id, kind, state, content_type, size, fault, parts, created_at from upload
where not late_swept and state in ('ready', 'refused', 'removed')
  and created_at < app_now() - $2::int * interval '1 second'
order by created_at, id limit $1;

-- name: mark_late_swept
update upload set late_swept = true where id = any($1::uuid[]);

-- name: sweep_again
-- The sweep alone knows whose files may go.
update upload set swept_at = null where id = $1 and state = 'removed';

-- name: mark_upload_swept
update upload set swept_at = app_now() where id = $1;
