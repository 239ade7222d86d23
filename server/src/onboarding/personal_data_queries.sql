-- See pg/personal_data.hpp for the parameters. An erasure empties the profile with the account: identity's
-- forget_profile.

-- name: read_profile_data
select json_build_object('displayName', display_name, 'bio', bio, 'languages', languages,
                         'specializations', specializations, 'experienceYears', experience_years,
                         'city', city, 'status', status, 'submittedAt', submitted_at, 'decidedAt', decided_at,
                         'decisionReason', decision_reason, 'prices',
                         json_strip_nulls(json_build_object('chat', chat_price, 'call', call_price,
                                                            'video', video_price)), 'zone', zone,
                         'weekly', weekly, 'createdAt', created_at)::text as record,
       '{legalName}'::text[] as names, '{astrologer.legal_name}'::text[] as purposes,
       array['astrologer.legal_name:' || id] as places, array[coalesce(legal_name_sealed, '')] as sealed
from astrologer where id = $1;

-- name: read_identity_data
-- Not what staff wrote of it among themselves, nor what was compared with other accounts.
select json_build_object('id', id, 'method', method, 'state', state, 'attempt', attempt, 'cause', cause,
                         'reasons', reasons, 'startedAt', started_at, 'returnedAt', returned_at,
                         'submittedAt', submitted_at, 'endedAt', ended_at)::text as record,
       '{evidence,startedFrom,returnedFrom}'::text[] as names,
       '{kyc_session.evidence,kyc_session.origin,kyc_session.return}'::text[] as purposes,
       array['kyc_session.evidence:' || id, 'kyc_session.origin:' || id, 'kyc_session.return:' || id]
           as places,
       array[coalesce(evidence_sealed, ''), coalesce(origin_sealed, ''), coalesce(return_sealed, '')]
           as sealed
from kyc_session where user_id = $1 order by id desc limit 10000;

-- name: keep_identity_data
-- For the tombstone: what was found in the checks, what staff decided and why, and the keyed hashes by which
-- others on the same paper, device or address were found. By the hashes it can be asked for later whether two
-- accounts were one person's.
select json_build_object('id', id, 'method', method, 'state', state, 'attempt', attempt, 'cause', cause,
                         'reasons', reasons, 'findings', findings::json, 'staffReason', staff_reason,
                         'needsStaff', needs_staff, 'fourEyes', four_eyes, 'approvedBy', approved_by,
                         'secondedBy', seconded_by, 'providerId', kid, 'providerStatus', provider_status,
                         'template', template, 'consent', consent_id,
                         'addressHash', encode(address_hash, 'hex'),
                         'deviceHash', encode(device_hash, 'hex'), 'panHash', encode(pan_hash, 'hex'),
                         'startedAt', started_at, 'returnedAt', returned_at, 'submittedAt', submitted_at,
                         'endedAt', ended_at)::text as record,
       '{evidence,startedFrom,returnedFrom}'::text[] as names,
       '{kyc_session.evidence,kyc_session.origin,kyc_session.return}'::text[] as purposes,
       array['kyc_session.evidence:' || id, 'kyc_session.origin:' || id, 'kyc_session.return:' || id]
           as places,
       array[coalesce(evidence_sealed, ''), coalesce(origin_sealed, ''), coalesce(return_sealed, '')]
           as sealed
from kyc_session where user_id = $1 order by id desc limit 10000;

-- name: forget_identity
-- Another version: who read a session before and has asked Digio meanwhile stores nothing any more. The
-- session itself ends by the withdrawal of its consent, and one by papers, which has none, here. Of whom was
-- rejected, a keyed hash stays; whoever passed may come back.
update kyc_session
set evidence_sealed = null, token_sealed = null, origin_sealed = null, return_sealed = null,
    address_hash = null, device_hash = null, staff_reason = null, findings = '[]', reasons = '{}',
    pan_hash = case when state = 'rejected' then pan_hash end, version = version + 1,
    state = case when method = 'papers' and kyc_step(state) < 4 then 'abandoned' else state end,
    cause = case when method = 'papers' and kyc_step(state) < 4 then 'consent_withdrawn' else cause end
where user_id = $1;

-- name: purge_withdrawn_identity
-- The consent was withdrawn so long ago, and there is no other. One that was replaced by a newer is none.
with due as (
    select s.id, c.ended_at
    from kyc_session s
    cross join lateral (select max(withdrawn_at) as ended_at from consent
                        where user_id = s.user_id and purpose = 'kyc'
                        having bool_and(withdrawn_at is not null)) c
    where s.consent_id is not null and kyc_step(s.state) = 4 and c.ended_at < $1
      and num_nonnulls(s.evidence_sealed, s.origin_sealed, s.return_sealed, s.address_hash, s.device_hash,
                       s.staff_reason, case when s.state <> 'rejected' then s.pan_hash end) > 0
      and not is_held(s.user_id)
    order by c.ended_at, s.id limit $2
    for update of s skip locked
)
update kyc_session s
set evidence_sealed = null, origin_sealed = null, return_sealed = null, address_hash = null,
    device_hash = null, staff_reason = null, findings = '[]', reasons = '{}',
    pan_hash = case when s.state = 'rejected' then s.pan_hash end
from due where s.id = due.id
returning s.id::text, due.ended_at as at;

-- name: due_withdrawn_identity
select count(*) filter (where not held) as count, count(*) filter (where held) as held,
       min(ended_at) filter (where not held) as oldest, max(ended_at) filter (where not held) as newest
from (select c.ended_at, is_held(s.user_id) as held
      from kyc_session s
      cross join lateral (select max(withdrawn_at) as ended_at from consent
                          where user_id = s.user_id and purpose = 'kyc'
                          having bool_and(withdrawn_at is not null)) c
      where s.consent_id is not null and kyc_step(s.state) = 4 and c.ended_at < $1
        and num_nonnulls(s.evidence_sealed, s.origin_sealed, s.return_sealed, s.address_hash, s.device_hash,
                         s.staff_reason, case when s.state <> 'rejected' then s.pan_hash end) > 0) due;

-- name: read_upload_data
-- The files themselves are where the person sees them: GET /v1/astrologer/uploads.
select json_build_object('id', id, 'kind', kind, 'state', state, 'contentType', content_type, 'size', size,
                         'fault', fault, 'at', created_at)::text as record,
       '{}'::text[] as names, '{}'::text[] as purposes, '{}'::text[] as places, '{}'::bytea[] as sealed
from upload where user_id = $1 and state <> 'removed' order by id desc limit 10000;

-- name: end_uploads
-- The sweep deletes their files.
with removed as (
    update upload set state = 'removed', settled_at = app_now()
    where user_id = $1 and state <> 'removed'
    returning id
)
update astrologer a set photo = null from removed r where a.photo = r.id;

-- name: read_payout_data
select json_build_object('ifsc', ifsc, 'changedAt', changed_at,
                         'payableFrom', payable_from)::text as record,
       '{account}'::text[] as names, '{payout_account.secrets}'::text[] as purposes,
       array['payout_account.secrets:' || user_id] as places, array[secrets_sealed] as sealed
from payout_account where user_id = $1;

-- name: forget_payout_account
delete from payout_account where user_id = $1;
