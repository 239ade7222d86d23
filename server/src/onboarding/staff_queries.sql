-- What staff see of KYC, and decide.

-- name: read_kyc_queue
-- Without anything about a person but their id. Who waits longest comes first.
select id, user_id, state, method, attempt::int, provider_status, reasons, findings, four_eyes, approved_by,
       started_at, submitted_at, needs_staff
from kyc_session
where id > $1 and needs_staff and kyc_step(state) < 4
order by id limit $2;

-- name: read_kyc_for_staff
-- The read and its audit row are one statement: nobody's data is shown without a trace of whose it was.
with seen as (
    select s.id, s.user_id, s.state, s.method, s.attempt, s.provider_status, s.cause, s.reasons, s.findings,
           s.four_eyes, s.approved_by, s.seconded_by, s.started_at, s.submitted_at, s.ended_at, s.needs_staff,
           s.evidence_sealed, a.legal_name_sealed, s.origin_sealed, s.return_sealed
    from kyc_session s join astrologer a on a.id = s.user_id
    where s.id = $1
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, detail,
                               request_id)
    select $2, $3, $4, $5, 'kyc_session', id, $6, json_build_object('user', user_id)::text, $7 from seen
)
select id, user_id, state, method, attempt::int, provider_status, cause, reasons, findings, four_eyes,
       approved_by, seconded_by, started_at, submitted_at, ended_at, needs_staff, evidence_sealed,
       legal_name_sealed, origin_sealed, return_sealed
from seen;

-- name: approve_kyc
-- One admin, or where four eyes are asked for, two: the constraints hold that they are not the same. Nobody
-- judges their own case.
with approved as (
    update kyc_session
    set seconded_by = case when approved_by is not null then $2::uuid end,
        approved_by = coalesce(approved_by, $2), staff_reason = $3, next_check_at = app_now(),
        version = version + 1
    where id = $1 and state = 'in_review' and needs_staff and user_id <> $2
      and (approved_by is null or (four_eyes and seconded_by is null and approved_by <> $2))
    returning id, four_eyes, seconded_by
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, detail,
                               request_id)
    select $4, $2, 'admin',
           case when seconded_by is null then 'kyc.staff_approve' else 'kyc.staff_second' end,
           'kyc_session', id, $3, json_build_object('address', $6::text)::text, $5
    from approved
)
select not four_eyes or seconded_by is not null as decided from approved;

-- name: accept_papers
-- Staff have seen the papers of somebody who will not or cannot use Digio. It counts as no attempt.
with mine as (
    select id from astrologer where id = $1 for no key update
), made as (
    insert into kyc_session (id, user_id, method, state, attempt, needs_staff, four_eyes, approved_by,
                             staff_reason, submitted, submitted_at, next_check_at, expires_at)
    select $2, m.id, 'papers', 'in_review', least(3, 1 + (select count(*) from kyc_session o
                                                          where o.user_id = m.id and not o.spared)),
           true, $3, $4, $5, true, app_now(), app_now() + interval '1 minute', app_now()
    from mine m join pool_user u on u.id = m.id
    where u.enabled and u.id <> $4 and u.kyc_status in ('not_started', 'failed')
    on conflict do nothing
    returning id, user_id
), person as (
    update pool_user u set kyc_status = 'in_progress', updated_at = app_now()
    from made m where u.id = m.user_id and u.kyc_status in ('not_started', 'failed')
    returning u.id
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, detail,
                               request_id)
    select $6, $4, 'admin', 'kyc.accept_papers', 'kyc_session', id, $5,
           json_build_object('address', $8::text)::text, $7
    from made
)
select m.id, case when not exists (select from person) then refuse('kyc_lost_race') end::text as lost
from made m;

-- name: list_kyc_deletions
select d.session_id, s.kid, d.requested_at
from kyc_deletion d join kyc_session s on s.id = d.session_id
where d.done_at is null and d.session_id > $1 order by d.session_id limit $2;

-- name: finish_kyc_deletion
with finished as (
    update kyc_deletion set done_at = app_now(), done_by = $2 where session_id = $1 and done_at is null
    returning session_id
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, request_id)
    select $3, $2, 'admin', 'kyc.deletion_done', 'kyc_session', session_id, $4, $5 from finished
)
select session_id from finished;
