-- KYC sessions. Locks are taken in the order astrologer, consent, kyc_session, pool_user.

-- name: set_legal_name
-- Not while somebody compares it with papers, nor after it has passed.
with changed as (
    update astrologer a set legal_name_sealed = $2, updated_at = app_now()
    from pool_user u
    where a.id = $1 and u.id = a.id and u.kyc_status in ('not_started', 'failed')
      and not exists (select from kyc_session s where s.user_id = a.id and kyc_step(s.state) < 4)
    returning a.id
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $3, id, 'astrologer', 'legal_name.change', 'astrologer', id, $4 from changed
)
select id from changed;

-- name: read_kyc_person
-- What the next step is told from, and why a start was refused.
select u.kyc_status, u.profile_status, u.phone_sealed, a.legal_name_sealed,
       exists (select from consent c where c.user_id = u.id and c.purpose = 'kyc'
               and c.withdrawn_at is null) as consented,
       (select count(*) from kyc_session s where s.user_id = u.id and not s.spared)::int as used,
       (select count(*) from kyc_session s where s.user_id = u.id
               and s.started_at > app_now() - interval '1 day')::int as today,
       i.fingerprint, i.answer
from pool_user u
left join astrologer a on a.id = u.id
left join idempotency i on i.owner_id = u.id and i.key = $2
where u.id = $1;

-- name: read_last_kyc
select id, user_id, state, version, kid, kid_hint, method, submitted, needs_staff, four_eyes, approved_by,
       seconded_by, attempt::int, checks, silent, cause, reasons, started_at, expires_at, submitted_at,
       ended_at, token_sealed
from kyc_session where user_id = $1 order by id desc limit 1;

-- name: read_own_kyc
select id, user_id, state, version, kid, kid_hint, method, submitted, needs_staff, four_eyes, approved_by,
       seconded_by, attempt::int, checks, silent, cause, reasons, started_at, expires_at, submitted_at,
       ended_at, token_sealed
from kyc_session where id = $1 and user_id = $2;

-- name: start_kyc
-- The intent, before Digio is asked. No row: something of it was not so; whoever asks looks what.
with mine as (
    select id from astrologer where id = $1 and legal_name_sealed is not null for no key update
), agreed as (
    select c.id from mine m
    join consent c on c.user_id = m.id and c.purpose = 'kyc' and c.withdrawn_at is null
    for share of c
), past as (
    select count(*) filter (where not spared) as used,
           count(*) filter (where started_at > app_now() - interval '1 day') as today
    from kyc_session where user_id = $1
), made as (
    insert into kyc_session (id, user_id, consent_id, attempt, template, origin_sealed, address_hash,
                             device_hash, four_eyes, next_check_at, expires_at)
    select $2, m.id, c.id, p.used + 1, $3, $4, $5, $6, $7, app_now() + interval '1 minute',
           app_now() + $8::int * interval '1 second'
    from mine m, agreed c, past p, pool_user u
    where u.id = m.id and u.enabled and u.kyc_status in ('not_started', 'failed')
      and p.used < $9::int and p.today < $10::int
    on conflict do nothing
    returning id, user_id, attempt
), person as (
    update pool_user u set kyc_status = 'in_progress', updated_at = app_now()
    from made m where u.id = m.user_id and u.kyc_status in ('not_started', 'failed')
    returning u.id
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, detail,
                               request_id)
    select $11, user_id, 'astrologer', 'kyc.start', 'kyc_session', id, 'asked for by the person',
           json_build_object('attempt', attempt, 'address', encode($5, 'hex'))::text, $12
    from made
), claimed as (
    insert into idempotency (owner_id, key, fingerprint, status, answer)
    select user_id, $13, $14, 201, id::text from made
)
select m.id, case when not exists (select from person) then refuse('kyc_lost_race') end::text as lost
from made m;

-- name: open_kyc
-- Digio's webhook may have come before its answer, and opened the session without the token. Only `before` is
-- asked what the session is: where this waited for the webhook's statement, it has the row as that left it.
with before as (
    select id, state, kid, token_sealed from kyc_session where id = $1 for no key update
), opened as (
    update kyc_session s
    set state = 'open', kid = $2, token_sealed = $3,
        next_check_at = app_now() + $4::int * interval '1 second', version = version + 1
    from before b
    where s.id = b.id
      and (b.state in ('creating', 'unknown') or (b.state = 'open' and b.kid = $2 and b.token_sealed is null))
    returning s.id, b.state as was
)
insert into audit_pending (id, actor_role, action, subject_kind, subject_id, reason, request_id)
select $5, 'system', 'kyc.open', 'kyc_session', id, 'Digio has made the request', $6
from opened where was <> 'open';

-- name: ask_kyc_token
-- Nothing when one was asked for a moment ago: Digio's patience is everybody's.
update kyc_session set token_asked_at = app_now()
where id = $1 and state = 'open'
  and (token_asked_at is null or token_asked_at < app_now() - interval '10 seconds')
returning id;

-- name: keep_kyc_token
update kyc_session set token_sealed = $2 where id = $1 and state = 'open' returning expires_at;

-- name: return_from_kyc
-- Where the person came back, and that it is to be looked at now. What they say of it is not asked. Coming
-- back again and again is no news.
with back as (
    update kyc_session
    set returned_at = app_now(), return_sealed = $3,
        next_check_at = case when next_check_at is not null then app_now() end
    where id = $1 and user_id = $2 and kyc_step(state) < 4
      and (returned_at is null or returned_at < app_now() - interval '10 seconds')
    returning id, user_id, state
)
insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, detail,
                           request_id)
select $4, user_id, 'astrologer', 'kyc.return', 'kyc_session', id, 'came back from Digio',
       json_build_object('state', state, 'address', encode($5, 'hex'), 'said', $6::text)::text, $7
from back;

-- name: read_kyc_case
-- Everything that a step is decided from, but what Digio says and what is known of others.
select s.id, s.user_id, s.state, s.version, s.kid, s.kid_hint, s.method, s.submitted, s.needs_staff,
       s.four_eyes, s.approved_by, s.seconded_by, s.staff_reason, s.checks, s.silent, s.started_at,
       s.expires_at, s.origin_sealed, s.return_sealed, s.address_hash, s.device_hash, a.legal_name_sealed,
       s.method = 'papers' or exists (select from consent c where c.id = s.consent_id
                                      and c.withdrawn_at is null) as consented
from kyc_session s join astrologer a on a.id = s.user_id
where s.id = $1;

-- name: read_kyc_relations
select exists (select from kyc_session s
               where s.pan_hash = $2 and s.state = 'approved' and s.user_id <> $1) as pan_in_use,
       exists (select from kyc_session s
               where (s.user_id = $1 or s.pan_hash = $2) and s.state = 'rejected'
                 and s.cause <> 'provider_rejected') as rejected_before,
       (select count(distinct s.user_id) from kyc_session s
        where s.address_hash = $3 and s.user_id <> $1
          and s.started_at > app_now() - interval '30 days')::int as accounts_on_address,
       (select count(distinct s.user_id) from kyc_session s
        where s.device_hash = $4 and s.user_id <> $1)::int as accounts_on_device;

-- name: settle_kyc
-- The one statement that moves a session once Digio was asked, or by whom it is ended: the session, the
-- person's standing, their profile if it waits for nothing else, the audit rows and the news of it. Only over
-- the version that was decided from; and approving only while the consent stands, which it locks.
with owner as (
    select a.id, a.status from kyc_session s join astrologer a on a.id = s.user_id
    where s.id = $1 for no key update of a
), agreed as (
    select c.id from owner o join kyc_session s on s.user_id = o.id
    join consent c on c.id = s.consent_id and c.withdrawn_at is null
    where s.id = $1 for share of c
), moved as (
    update kyc_session s
    set state = $3, cause = $4, reasons = $5, spared = $6, submitted = $7, needs_staff = $8,
        submitted_at = case when $7 then coalesce(s.submitted_at, app_now()) end,
        provider_status = coalesce($9, s.provider_status), kid = coalesce(s.kid, $10),
        evidence_sealed = coalesce($11, s.evidence_sealed), pan_hash = coalesce($12, s.pan_hash),
        findings = coalesce($13, s.findings), next_check_at = app_now() + $14::int * interval '1 second',
        silent = $15, checks = case when s.state = $3 then s.checks + 1 else 0 end,
        version = s.version + 1
    from owner o
    where s.id = $1 and s.user_id = o.id and s.version = $2
      and ($3 <> 'approved' or s.method = 'papers' or exists (select from agreed))
    returning s.id, s.user_id, s.state, s.cause, s.reasons, s.attempt, s.spared
), passed as (
    update astrologer a
    set status = 'approved', decided_at = app_now(), decided_by = $17, decision_reason = $19,
        updated_at = app_now()
    from moved m, owner o
    where a.id = m.user_id and m.state = 'approved' and o.id = a.id and o.status = 'pending' and not $16::bool
    returning a.id
), person as (
    update pool_user u
    set kyc_status = $20, updated_at = app_now(),
        profile_status = case when p.id is null then u.profile_status else 'approved' end,
        groups = case when p.id is null then u.groups
                      else array_remove(u.groups, 'astrologer') || array['astrologer'] end
    from moved m left join passed p on p.id = m.user_id
    where u.id = m.user_id and $20::text is not null
), outdated as (  -- the tokens, not the sign-ins: the next refresh has the group
    insert into revocation (user_id, cause) select id, 'approved' from passed
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, detail,
                               request_id)
    select $21::uuid, $17::uuid, $18, $22, 'kyc_session', m.id, $19,
           json_build_object('state', m.state, 'cause', m.cause, 'reasons', m.reasons, 'attempt', m.attempt,
                             'spared', m.spared, 'address', $23::text)::text, $24
    from moved m
    union all
    select $25::uuid, $17, $18, 'astrologer.approve', 'astrologer', p.id, $19, null, $24 from passed p
), told as (
    insert into outbox (id, kind, payload)
    select $26, 'kyc.decided', $27 from moved where $27::bytea is not null
)
select id from moved;

-- name: note_kyc_check
-- Nothing is new, but that it was looked at.
update kyc_session
set checks = checks + 1, silent = $3, provider_status = coalesce($4, provider_status),
    next_check_at = case when next_check_at is null then null
                         else app_now() + $5::int * interval '1 second' end
where id = $1 and version = $2;

-- name: claim_kyc_checks
-- Pushing next_check_at forward is the lease.
with due as (
    select id from kyc_session where next_check_at <= app_now()
    order by next_check_at, id limit $1 for update skip locked
)
update kyc_session s set next_check_at = app_now() + $2::int * interval '1 second'
from due where s.id = due.id
returning s.id;

-- name: find_kyc_by_kid
select id from kyc_session where kid = $1 and kyc_step(state) < 4;

-- name: hint_kyc
-- A webhook names the session whose creation was not answered. It is proved by asking Digio.
update kyc_session set kid_hint = $2, next_check_at = app_now()
where id = $1 and kid is null and state in ('creating', 'unknown')
  and not exists (select from kyc_session o where o.kid = $2)
returning id;

-- name: find_withdrawn_kyc
select s.id from kyc_session s join consent c on c.id = s.consent_id
where s.user_id = $1 and c.withdrawn_at is not null and kyc_step(s.state) < 4;

-- name: ask_kyc_deletion
-- For every request that Digio has had under a consent that is withdrawn.
with asked as (
    select s.id, p.outbox_id, p.payload
    from kyc_session s join consent c on c.id = s.consent_id and c.withdrawn_at is not null
    join unnest($2::uuid[], $3::uuid[], $4::bytea[]) as p (session_id, outbox_id, payload)
         on p.session_id = s.id
    where s.user_id = $1 and s.kid is not null
      and not exists (select from kyc_deletion d where d.session_id = s.id)
)
insert into outbox (id, kind, payload)
select outbox_id, 'kyc.delete_at_processor', payload from asked
on conflict do nothing;

-- name: list_withdrawn_kyc
select s.id from kyc_session s join consent c on c.id = s.consent_id and c.withdrawn_at is not null
where s.user_id = $1 and s.kid is not null
  and not exists (select from kyc_deletion d where d.session_id = s.id);

-- name: record_kyc_deletion
with recorded as (
    insert into kyc_deletion (session_id) values ($1) on conflict do nothing returning session_id
)
insert into audit_pending (id, actor_role, action, subject_kind, subject_id, reason)
select $2, 'system', 'kyc.ask_deletion', 'kyc_session', session_id, 'the consent was withdrawn' from recorded;

-- name: measure_kyc
select count(*) filter (where kyc_step(state) < 4)::bigint as open,
       count(*) filter (where needs_staff and kyc_step(state) < 4)::bigint as waiting_for_staff,
       (select count(*) from kyc_deletion where done_at is null)::bigint as deletions,
       greatest(0, coalesce(extract(epoch from app_now() - min(next_check_at)), 0))::bigint as lag_seconds
from kyc_session where kyc_step(state) < 4;
