-- The second factor. Locks are taken in everybody's order: challenge, phone_guard, pool_user; then
-- software_token, which nobody locks without its user.

-- name: find_enrolling
-- Who may set up an authenticator: $1 in an open sign-in $2, or whoever the challenge $3 demands it of.
select u.id as user_id, t.pending_sealed, app_now() as at, c.id is not null or is_fresh(f.auth_time) as fresh,
       coalesce(not f.second_factor and factor_demand(u.groups, u.totp) = 'code', false) as proof_wanted
from pool_user u
left join refresh_family f on f.id = $2 and f.user_id = u.id and f.revoked_at is null
left join challenge c on c.id = $3 and c.user_id = u.id and c.purpose = 'second_factor' and c.attempts < 5
                     and c.used_at is null and c.expires_at > app_now() and u.totp is null
                     and c.phone_hash = u.phone_hash
left join software_token t on t.user_id = u.id
where u.id = coalesce($1::uuid, (select user_id from challenge where id = $3::uuid)) and u.enabled
  and (f.id is not null or c.id is not null);

-- name: associate_token
insert into software_token (user_id, pending_sealed) select id, $2 from pool_user where id = $1 and enabled
on conflict (user_id) do update set pending_sealed = excluded.pending_sealed;

-- name: count_wrong_set_up
update challenge set attempts = attempts + 1
where id = $1 and purpose = 'second_factor' and attempts < 5 and used_at is null;

-- name: verify_token
-- The authenticator that waits becomes the one in use, by an open sign-in ($2) or by the challenge that
-- demanded it ($3), which is used up and followed by one that opens the sign-in ($8). The owner is told
-- ($10, $11).
with answered as (
    update challenge c set used_at = app_now()
    where c.id = $3 and c.user_id = $1 and c.purpose = 'second_factor' and c.attempts < 5
      and c.used_at is null and c.expires_at > app_now()
    returning c.id, c.phone_hash, c.client_id
), owner as (
    select u.id, u.user_type
    from (select count(*) as n from answered) a, pool_user u
    left join refresh_family f on f.id = $2 and f.user_id = u.id and f.revoked_at is null
    where u.id = $1 and u.enabled
      and (a.n = 1 and u.totp is null
           or f.second_factor
           or f.id is not null and factor_demand(u.groups, u.totp) is distinct from 'code')
    for no key update of u
), stored as (
    update software_token t
    set secret_sealed = $5, pending_sealed = null, set_up_at = app_now(), last_step = $6::bigint,
        preferred = t.preferred or $3::uuid is not null,
        told_at = case when told_lately(t.told_at) then t.told_at else app_now() end
    from owner o where t.user_id = o.id and t.pending_sealed = $4
    returning t.user_id, t.told_at
), marked as (
    update pool_user u
    set totp = case when $3 is not null or u.totp = 'enabled' then 'enabled' else 'verified' end,
        updated_at = app_now()
    from stored s where u.id = s.user_id
), follows as (
    insert into challenge (id, phone_hash, user_id, client_id, purpose, expires_at)
    select $8::uuid, a.phone_hash, s.user_id, a.client_id, 'factor_set_up', app_now() + interval '3 minutes'
    from answered a, stored s
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $7::uuid, o.id, o.user_type, 'second_factor.set_up', 'pool_user', o.id, $9
    from owner o join stored s on s.user_id = o.id
), queued as (
    insert into outbox (id, kind, payload) select $10, 'sms.send', $11 from stored where told_at = app_now()
)
select user_id from stored;

-- name: find_factor_challenge
-- What an answer is compared with, and by whose clock.
select u.id as user_id, t.secret_sealed, app_now() as at,
       coalesce(g.locked_until > app_now(), false) as locked
from challenge c
join pool_user u on u.id = c.user_id
join software_token t on t.user_id = u.id and t.secret_sealed is not null
left join phone_guard g on g.phone_hash = c.phone_hash
where c.id = $1 and c.client_id = $2 and c.purpose = 'second_factor'
  and (c.phone_hash = $3::bytea or c.user_id = $4::uuid);

-- name: answer_factor
-- $5 is the step whose code was given; null: a wrong code. As in verify_code the attempt is counted whatever
-- the outcome, and a wrong one counts against the phone. A step opens one sign-in, whichever challenge
-- it answers: last_step only grows, under its row's lock.
with asked as (
    select c.id, c.phone_hash, c.user_id
    from challenge c join phone_guard g on g.phone_hash = c.phone_hash
    where c.id = $1 and c.client_id = $2 and c.purpose = 'second_factor'
      and (c.phone_hash = $3::bytea or c.user_id = $4::uuid)
      and c.attempts < 5 and c.used_at is null and c.expires_at > app_now()
      and (g.locked_until is null or g.locked_until <= app_now())
      and exists (select from app_client where id = $2)
    for no key update of c
), person as (
    select u.* from asked a join pool_user u on u.id = a.user_id and u.phone_hash = a.phone_hash
    where $5::bigint is not null and u.enabled for share of u
), spent as (
    update software_token t set last_step = $5
    from person p where t.user_id = p.id and t.secret_sealed is not null and t.last_step < $5
    returning t.user_id
), attempt as (
    update challenge c
    set attempts = c.attempts + 1, used_at = case when exists (select from spent) then app_now() end
    from asked a where c.id = a.id
), failed as (
    update phone_guard g
    set (failures, failed_since, locked_until) =
        (select * from one_more_failure(g.failures, g.failed_since))
    from asked a where $5 is null and g.phone_hash = a.phone_hash
    returning a.user_id, g.locked_until
), opened as (
    insert into refresh_family (id, user_id, client_id, auth_time, expires_at, second_factor)
    select $6, s.user_id, c.id, app_now(), app_now() + c.refresh_seconds * interval '1 second', true
    from spent s join app_client c on c.id = $2
), token as (
    insert into refresh_token (hash, family_id, seen_sealed) select $7, $6, $10 from spent
), found as (  -- as in verify_code; a right SMS code alone is not enough here
    update phone_recovery r set state = 'stopped'
    from spent s where r.user_id = s.user_id and r.state in ('waiting', 'approved')
    returning r.user_id
), stopped as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $11, user_id, 'user', 'recovery.stop', 'pool_user', user_id, $9 from found limit 1
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $8::uuid, p.id, p.user_type, 'session.start', 'session', $6, '{"secondFactor":"totp"}', $9::text
    from person p join spent s on s.user_id = p.id
    union all
    select $8, null, 'system', 'second_factor.wrong', 'pool_user', user_id,
           wrong_code_detail(locked_until), $9
    from failed
)
select p.id, p.phone_sealed, p.name_sealed, p.email_sealed, p.email_verified, p.user_type,
       p.profile_status, p.kyc_status, coalesce(p.groups, '{}') as groups, p.created_at,
       $5 is not null as correct, app_now() as auth_time, exists (select from spent) as spent
from asked a left join person p on true;

-- name: redeem_set_up
-- The sign-in that had to set up an authenticator first, and did: the one that is still in use.
with attempt as (
    update challenge c set used_at = app_now()
    where c.id = $1 and c.client_id = $2 and c.purpose = 'factor_set_up'
      and (c.phone_hash = $3::bytea or c.user_id = $4::uuid) and c.used_at is null
      and c.expires_at > app_now() and exists (select from app_client where id = $2)
    returning c.user_id, c.phone_hash, c.created_at
), person as (
    select u.* from attempt a join pool_user u on u.id = a.user_id and u.phone_hash = a.phone_hash
    join software_token t on t.user_id = u.id and t.set_up_at <= a.created_at
    where u.enabled and u.totp is not null for share of u
), opened as (
    insert into refresh_family (id, user_id, client_id, auth_time, expires_at, second_factor)
    select $5, p.id, c.id, app_now(), app_now() + c.refresh_seconds * interval '1 second', true
    from person p join app_client c on c.id = $2
), token as (
    insert into refresh_token (hash, family_id, seen_sealed) select $6, $5, $9 from person
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $7, id, user_type, 'session.start', 'session', $5, '{"secondFactor":"totp"}', $8 from person
)
select p.id, p.phone_sealed, p.name_sealed, p.email_sealed, p.email_verified, p.user_type,
       p.profile_status, p.kyc_status, coalesce(p.groups, '{}') as groups, p.created_at,
       true as correct, app_now() as auth_time
from attempt left join person p on true;

-- name: find_token
select secret_sealed from software_token where user_id = $1 and secret_sealed is not null;

-- name: find_factor
select coalesce(factor_demand(u.groups, u.totp) = 'code', false) as enabled, t.preferred
from pool_user u join software_token t on t.user_id = u.id where u.id = $1 and u.totp is not null;

-- name: find_reachable
select phone_sealed, language from pool_user where id = $1;

-- name: set_factor
-- By an open sign-in ($2). Turning it off ($3) takes one that used it, and is not for those who must have it;
-- the owner is told ($7, $8).
with owner as (
    select u.id, u.user_type, u.totp, f.second_factor as proved, must_have_factor(u.groups) as must
    from pool_user u join refresh_family f on f.id = $2 and f.user_id = u.id and f.revoked_at is null
    where u.id = $1 and u.enabled
    for no key update of u
), changed as (
    update pool_user u set totp = case when $3 then 'enabled' else 'verified' end, updated_at = app_now()
    from owner o
    where u.id = o.id and o.totp is not null
      and ($3 or not o.must and (o.proved or o.totp = 'verified'))
    returning u.id
), turned as (
    select o.* from owner o join changed c on c.id = o.id where (o.totp = 'enabled') <> $3
), preference as (
    update software_token t
    set preferred = $4,
        told_at = case when $3 or told_lately(t.told_at) or not exists (select from turned) then t.told_at
                       else app_now() end
    from changed c where t.user_id = c.id
    returning t.told_at
), queued as (
    insert into outbox (id, kind, payload)
    select $7, 'sms.send', $8 from preference where not $3 and told_at = app_now()
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $5, o.id, o.user_type, case when $3 then 'second_factor.enable' else 'second_factor.disable' end,
           'pool_user', o.id, $6
    from turned o
)
select totp is not null as set_up, must, exists (select from changed) as changed from owner;

-- name: enable_factor
-- For an operator, in a transaction that holds the user's row.
with changed as (
    update pool_user set totp = 'enabled', updated_at = app_now() where id = $1 and totp is not null
    returning id
)
update software_token t set preferred = $2 from changed c where t.user_id = c.id;

-- name: forget_factor
-- For an operator, in a transaction that holds the user's row and has ended every sign-in. Those under way
-- find no secret, or another. Who had one in use is told ($2, $3).
with forgotten as (
    delete from software_token where user_id = $1 returning secret_sealed
), queued as (
    insert into outbox (id, kind, payload)
    select $2, 'sms.send', $3 from forgotten where secret_sealed is not null
)
update pool_user set totp = null, updated_at = app_now() where id = $1 and totp is not null;

-- name: give_factor
-- For demonstration data: an authenticator whose secret is written down.
with marked as (
    update pool_user set totp = 'enabled', updated_at = app_now() where id = $1 returning id
)
insert into software_token (user_id, secret_sealed, set_up_at, preferred)
select id, $2, app_now(), true from marked
on conflict (user_id) do update
set secret_sealed = excluded.secret_sealed, pending_sealed = null, set_up_at = app_now(), last_step = 0;
