-- name: load_pool
select p.id, p.region, p.issuer, p.identity_pool_id, c.id as client_id
from user_pool p join app_client c on c.pool_id = p.id and c.main;

-- name: lock_first_start
-- Two nodes that start on an empty database make one pool between them.
select pg_advisory_xact_lock(7236781)::text as locked;

-- name: create_pool
with made as (
    insert into user_pool (id, region, issuer, identity_pool_id) values ($1, $2, $3, $4) returning id
)
insert into app_client (id, pool_id, name, main) select $5, id, 'apps', true from made;

-- name: find_by_phone
select id, confirmed_at is not null as confirmed from pool_user where phone_hash = $1;

-- name: find_person
-- Only while the session is open.
select u.id, u.phone_sealed, u.name_sealed, u.email_sealed, u.email_verified, u.user_type,
       u.profile_status, u.kyc_status, u.groups, u.created_at
from pool_user u join refresh_family f on f.user_id = u.id
where u.id = $1 and u.enabled and f.id = $2 and f.revoked_at is null;

-- name: verify_code
-- The attempt is counted by the update that compares, whatever the outcome, and used_at is set by one of any
-- number of right answers. A wrong one also counts against the phone, across its codes, with a lock-out that
-- doubles. A right one empties the buckets that its code was counted in, and by a quarter of a code more:
-- where many people share an address, a fifth of them may give up without using up what the others need.
-- Then the user's row is locked for share: who disables the user meanwhile waits and ends this sign-in too,
-- or this waits and finds them disabled. Of whoever has a second factor, or must have one, a challenge for it
-- ($10) comes of a right code instead of a sign-in. Wrong answers are in the audit log too: a phone's
-- lock-out bounds how many.
with attempt as (
    update challenge c
    set attempts = c.attempts + 1,
        used_at = case when c.code_mac = $4 and c.user_id is not null then app_now() end
    from phone_guard g
    where c.id = $1 and c.phone_hash = $2 and c.client_id = $3 and c.purpose = 'sign_in'
      and c.attempts < 5 and c.used_at is null and c.expires_at > app_now()
      and g.phone_hash = c.phone_hash and g.challenge_id = c.id
      and (g.locked_until is null or g.locked_until <= app_now())
      and exists (select from app_client where id = $3)  -- not removed since this node read it
    returning c.phone_hash, c.user_id, c.used_at, c.counted_in
), failed as (
    update phone_guard g
    set (failures, failed_since, locked_until) =
        (select * from one_more_failure(g.failures, g.failed_since))
    from attempt a where a.used_at is null and g.phone_hash = a.phone_hash
    returning a.user_id, g.locked_until
), counted_back as (
    update send_bucket b set level = greatest(0, leaked(b.level, b.most, b.at) - 1.25), at = app_now()
    from (select key from send_bucket
          where key = any((select counted_in from attempt where used_at is not null)::bytea[])
          order by key for no key update) mine
    where b.key = mine.key
    returning b.key
), person as (
    select u.*, factor_demand(u.groups, u.totp) as demand
    from attempt a, (select count(*) from counted_back) before, pool_user u
    where a.used_at is not null and u.id = a.user_id and u.phone_hash = a.phone_hash and u.enabled
    for share of u
), opened as (
    insert into refresh_family (id, user_id, client_id, auth_time, expires_at)
    select $5, p.id, c.id, app_now(), app_now() + c.refresh_seconds * interval '1 second'
    from person p join app_client c on c.id = $3 where p.demand is null
), token as (
    insert into refresh_token (hash, family_id, seen_sealed)
    select $6, $5, $9 from person where demand is null
), demanded as (
    insert into challenge (id, phone_hash, user_id, client_id, purpose, expires_at)
    select $10, a.phone_hash, p.id, $3, 'second_factor', app_now() + interval '3 minutes'
    from attempt a, person p where p.demand is not null
), found as (  -- the number: whoever asks for the account as having lost it does not get it
    update phone_recovery r set state = 'stopped'
    from person p where r.user_id = p.id and r.state in ('waiting', 'approved') and p.demand is null
    returning r.user_id
), stopped as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $11, user_id, 'user', 'recovery.stop', 'pool_user', user_id, $8 from found limit 1
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $7::uuid, id, user_type, 'session.start', 'session', $5, $8::text from person where demand is null
), alarmed as (
    insert into audit_pending (id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $7, 'system', 'code.wrong', 'pool_user', user_id, wrong_code_detail(locked_until), $8 from failed
)
select p.id, p.phone_sealed, p.name_sealed, p.email_sealed, p.email_verified, p.user_type,
       p.profile_status, p.kyc_status, coalesce(p.groups, '{}') as groups, p.created_at,
       a.used_at is not null as correct, app_now() as auth_time, p.demand
from attempt a left join person p on true;

-- name: confirm_sign_up
-- Confirming makes the wallet and grants the welcome bonus: one statement, so neither can happen without the
-- other or twice. The user comes after the buckets, as where codes are sent. When another sign-up of the
-- phone has replaced the user meanwhile, the code is one of the past.
with attempt as (
    update challenge c
    set attempts = c.attempts + 1,
        used_at = case when c.code_mac = $4 and c.user_id is not null then app_now() end
    from phone_guard g
    where g.phone_hash = $1 and c.id = g.challenge_id and ($2::uuid is null or c.id = $2)
      and c.phone_hash = g.phone_hash and c.client_id = $3 and c.purpose = 'sign_up'
      and c.attempts < 5 and c.used_at is null and c.expires_at > app_now()
      and (g.locked_until is null or g.locked_until <= app_now())
    returning c.phone_hash, c.user_id, c.used_at, c.counted_in
), failed as (
    update phone_guard g
    set (failures, failed_since, locked_until) =
        (select * from one_more_failure(g.failures, g.failed_since))
    from attempt a where a.used_at is null and g.phone_hash = a.phone_hash
    returning a.user_id, g.locked_until
), counted_back as (
    update send_bucket b set level = greatest(0, leaked(b.level, b.most, b.at) - 1.25), at = app_now()
    from (select key from send_bucket
          where key = any((select counted_in from attempt where used_at is not null)::bytea[])
          order by key for no key update) mine
    where b.key = mine.key
    returning b.key
), confirmed as (
    update pool_user u set confirmed_at = app_now(), updated_at = app_now()
    from attempt a, (select count(*) from counted_back) before
    where a.used_at is not null and u.id = a.user_id and u.confirmed_at is null and u.enabled
    returning u.id, u.user_type, u.phone_hash
), welcome as (
    insert into welcomed (phone_hash) select phone_hash from confirmed
    on conflict do nothing returning phone_hash
), wallet_made as (
    insert into wallet (owner_id, bonus)
    select id, case when user_type = 'user' and exists (select from welcome) then $5::bigint else 0 end
    from confirmed
    on conflict (owner_id) do nothing
    returning owner_id, bonus
), granted as (
    insert into journal (id, kind, reference_id)
    select $6, 'promotion.welcome', owner_id from wallet_made where bonus > 0
), posted as (
    insert into posting (journal_id, line, debit_owner, debit_account, credit_owner, credit_account, amount)
    select $6, 1, '00000000-0000-0000-0000-000000000000', 'promotions', owner_id, 'bonus', bonus
    from wallet_made where bonus > 0
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $7::uuid, id, user_type, 'user.confirm', 'pool_user', id, $10::text from confirmed
    union all
    select $8, owner_id, 'system', 'wallet.welcome_bonus', 'wallet', owner_id, $10
    from wallet_made where bonus > 0
), alarmed as (
    insert into audit_pending (id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $7, 'system', 'code.wrong', 'pool_user', user_id, wrong_code_detail(locked_until), $10 from failed
), session as (
    insert into challenge (id, phone_hash, user_id, client_id, purpose, expires_at)
    select $9, a.phone_hash, c.id, $3, 'confirmed', app_now() + interval '3 minutes'
    from attempt a, confirmed c
)
select used_at is not null as correct from attempt where used_at is null or exists (select from confirmed);

-- name: redeem_confirmation
with attempt as (
    update challenge c set used_at = app_now()
    where c.id = $1 and c.phone_hash = $2 and c.client_id = $3 and c.purpose = 'confirmed'
      and c.used_at is null and c.expires_at > app_now()
      and exists (select from app_client where id = $3)
    returning c.user_id, c.phone_hash
), person as (
    select u.* from attempt a join pool_user u on u.id = a.user_id and u.phone_hash = a.phone_hash
    where u.enabled for share of u
), opened as (
    insert into refresh_family (id, user_id, client_id, auth_time, expires_at)
    select $4, p.id, c.id, app_now(), app_now() + c.refresh_seconds * interval '1 second'
    from person p join app_client c on c.id = $3
), token as (
    insert into refresh_token (hash, family_id, seen_sealed) select $5, $4, $8 from person
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $6, id, user_type, 'session.start', 'session', $4, $7 from person
)
select p.id, p.phone_sealed, p.name_sealed, p.email_sealed, p.email_verified, p.user_type,
       p.profile_status, p.kyc_status, coalesce(p.groups, '{}') as groups, p.created_at,
       true as correct, app_now() as auth_time
from attempt left join person p on true;

-- name: explain_refusal
-- Why an answer was not even counted: read after the refusal, for its message only.
select coalesce(locked_until > app_now(), false) as locked from phone_guard where phone_hash = $1;

-- name: refresh_session
-- Whoever comes first marks the token used; those within the grace find the same successor, because it is
-- derived from the token. One that comes later holds a copy: the family ends.
-- The family is locked: who ends it meanwhile waits and ends the successor too, or this finds it ended.
with family as (
    select f.id, f.user_id, f.auth_time, f.second_factor
    from refresh_token t join refresh_family f on f.id = t.family_id
    where t.hash = $1 and f.client_id = $2 and f.revoked_at is null and f.expires_at > app_now()
    for no key update of f
), used as (
    update refresh_token t set used_at = coalesce(t.used_at, app_now())
    from family f
    where t.hash = $1 and t.family_id = f.id
    returning t.family_id, f.user_id, f.auth_time, f.second_factor,
              t.used_at < app_now() - $4::int * interval '1 second' as reused
), successor as (
    insert into refresh_token (hash, family_id, seen_sealed)
    select $3, family_id, $7 from used where not reused
    on conflict (hash) do nothing
), ended as (
    update refresh_family f set revoked_at = app_now()
    from used u where u.reused and f.id = u.family_id and f.revoked_at is null
    returning f.id, f.user_id
), told as (
    insert into revocation (user_id, family_id, cause) select user_id, id, 'refresh_token_reuse' from ended
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, request_id)
    select $5, user_id, 'system', 'session.end', 'session', id, 'a refresh token was used twice', $6
    from ended
)
select p.id, p.phone_sealed, p.name_sealed, p.email_sealed, p.email_verified, p.user_type,
       p.profile_status, p.kyc_status, coalesce(p.groups, '{}') as groups, p.created_at,
       u.reused, u.family_id, u.auth_time, u.second_factor
from used u left join pool_user p on p.id = u.user_id and p.enabled;

-- name: has_expired
-- Of a refresh token that gave nothing: by its age, or because its session has ended or it is spent. No row
-- where it never was this client's.
select f.revoked_at is null and t.used_at is null and f.expires_at <= app_now() as expired
from refresh_token t join refresh_family f on f.id = t.family_id and f.client_id = $2
where t.hash = $1;

-- name: revoke_family
with ended as (
    update refresh_family f set revoked_at = app_now()
    from refresh_token t
    where t.hash = $1 and f.id = t.family_id and f.client_id = $2 and f.revoked_at is null
    returning f.id, f.user_id
), told as (
    insert into revocation (user_id, family_id, cause) select user_id, id, 'revoke_token' from ended
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $3, user_id, 'user', 'session.end', 'session', id, $4 from ended
)
select id from ended;

-- name: end_sessions
-- Every open family by name rather than "all before now": no clock decides whether the next sign-in survives.
-- Locked in the order of their ids, so that two of these cannot deadlock.
with mine as (
    select id from refresh_family
    where user_id = $1 and revoked_at is null
      and exists (select from refresh_family s where s.id = $2 and s.user_id = $1 and s.revoked_at is null)
    order by id for no key update
), ended as (
    update refresh_family f set revoked_at = app_now() from mine where f.id = mine.id
    returning f.id, f.user_id
), told as (
    insert into revocation (user_id, family_id, cause) select user_id, id, 'global_sign_out' from ended
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $3, $1, $5, 'session.end_all', 'pool_user', $1, json_build_object('sessions', count(*))::text, $4
    from ended having count(*) > 0
)
select count(*) as ended from ended;

-- name: tail_revocations
-- A first row without a revocation says when this was read. $1 is null at first, then the last reading less
-- the overlap.
select app_now() as read_at, r.user_id, r.family_id, r.at
from (values (1)) always(one)
left join revocation r on r.at > coalesce($1, app_now() - $2::int * interval '1 second');

-- name: check_session
select exists (select from refresh_family f join pool_user u on u.id = f.user_id
               where f.id = $1 and f.user_id = $2 and f.revoked_at is null and u.enabled)
       and not exists (select from revocation r
                       where r.at > app_now() - interval '1 day' and r.user_id = $2 and r.family_id is null
                         and r.at >= $3)
       as open;

-- name: create_person
-- The operator vouches for the phone. The bonus comes with the wallet and once a phone. $1: see sign_up.
with stored as (
    insert into pool_user as u (id, phone_hash, phone_sealed, name_sealed, user_type, profile_status,
                                kyc_status, groups, confirmed_at)
    values ($1, $2, $3, $4, $5, case when $5 = 'astrologer' then 'pending' end,
            case when $5 = 'astrologer' then 'not_started' end, $6, app_now())
    on conflict (phone_hash) do update
    set confirmed_at = coalesce(u.confirmed_at, app_now()), name_sealed = excluded.name_sealed,
        updated_at = app_now(),
        groups = array(select distinct g from unnest(u.groups || excluded.groups) g order by g)
    where u.id = excluded.id
    returning u.id, u.user_type
), welcome as (
    insert into welcomed (phone_hash) select $2 from stored on conflict do nothing returning phone_hash
), wallet_made as (
    insert into wallet (owner_id, bonus)
    select id, case when user_type = 'user' and exists (select from welcome) then $7::bigint else 0 end
    from stored
    on conflict (owner_id) do nothing
    returning owner_id, bonus
), granted as (
    insert into journal (id, kind, reference_id)
    select $8, 'promotion.welcome', owner_id from wallet_made where bonus > 0
), posted as (
    insert into posting (journal_id, line, debit_owner, debit_account, credit_owner, credit_account, amount)
    select $8, 1, '00000000-0000-0000-0000-000000000000', 'promotions', owner_id, 'bonus', bonus
    from wallet_made where bonus > 0
), audited as (
    insert into audit_pending (id, actor_role, action, subject_kind, subject_id, detail)
    select $9, 'operator', 'user.create', 'pool_user', id, json_build_object('groups', $6::text[])::text
    from stored
)
select id from stored;

-- name: prune_sessions
-- Where and when they were used last is kept for as long as the law says: see personal_data_queries.sql.
with gone as (
    delete from refresh_family
    where id in (select id from refresh_family where expires_at < app_now() - interval '1 day'
                 order by id limit 1000 for update skip locked)
    returning id, user_id, client_id, auth_time, least(expires_at, revoked_at) as ended_at
), seen as (
    select distinct on (t.family_id) t.family_id, t.hash, t.seen_at, t.seen_sealed
    from refresh_token t join gone g on g.id = t.family_id
    where t.seen_sealed is not null
    order by t.family_id, t.seen_at desc
)
insert into past_session (id, user_id, client_id, began_at, ended_at, seen_at, seen_with, seen_sealed)
select g.id, g.user_id, g.client_id, g.auth_time, g.ended_at, s.seen_at, s.hash, s.seen_sealed
from gone g left join seen s on s.family_id = g.id;

-- name: prune_revocations
delete from revocation where at < app_now() - interval '2 days';

-- name: prune_guards
delete from phone_guard
where phone_hash in (select phone_hash from phone_guard
                     where sends[cardinality(sends)] < app_now() - interval '1 day'
                       and (failed_since is null or failed_since < app_now() - interval '2 days')
                       and (locked_until is null or locked_until < app_now())
                     limit 1000 for update skip locked);
