-- What people do to their own account. Each is bound to an open session of theirs.

-- name: find_account
select u.phone_hash, u.phone_sealed, u.user_type, is_fresh(f.auth_time) as fresh
from pool_user u join refresh_family f on f.user_id = u.id
where u.id = $1 and u.enabled and f.id = $2 and f.revoked_at is null;

-- name: change_own_name
with changed as (
    update pool_user u set name_sealed = $3, updated_at = app_now()
    from refresh_family f
    where u.id = $1 and u.enabled and f.id = $2 and f.user_id = u.id and f.revoked_at is null
    returning u.id, u.user_type
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $4, id, user_type, 'user.change_name', 'pool_user', id, $5 from changed
)
select id from changed;

-- name: await_change
-- After the code was sent: a request that is refused must leave the one before it alone.
insert into phone_change (user_id, phone_hash, phone_sealed) values ($1, $2, $3)
on conflict (user_id) do update
set phone_hash = excluded.phone_hash, phone_sealed = excluded.phone_sealed, at = app_now();

-- name: find_change
select phone_sealed from phone_change where user_id = $1;

-- name: answer_change
-- Counts and compares like verify_code, in a transaction that goes on with what the code is for.
with attempt as (
    update challenge c
    set attempts = c.attempts + 1, used_at = case when c.code_mac = $3 then app_now() end
    from phone_change a, phone_guard g, refresh_family f
    where a.user_id = $1 and a.phone_hash = $4
      and f.id = $2 and f.user_id = $1 and f.revoked_at is null
      and g.phone_hash = a.phone_hash and c.id = g.challenge_id and c.phone_hash = g.phone_hash
      and c.user_id = $1 and c.purpose = 'change_phone'
      and c.attempts < 5 and c.used_at is null and c.expires_at > app_now()
      and (g.locked_until is null or g.locked_until <= app_now())
    returning c.phone_hash, c.used_at, c.counted_in
), failed as (
    update phone_guard g
    set (failures, failed_since, locked_until) =
        (select * from one_more_failure(g.failures, g.failed_since))
    from attempt a where a.used_at is null and g.phone_hash = a.phone_hash
    returning g.locked_until
), alarmed as (
    insert into audit_pending (id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $5, 'system', 'code.wrong', 'pool_user', $1, wrong_code_detail(locked_until), $6 from failed
), counted_back as (
    update send_bucket b set level = greatest(0, leaked(b.level, b.most, b.at) - 1.25), at = app_now()
    from (select key from send_bucket
          where key = any((select counted_in from attempt where used_at is not null)::bytea[])
          order by key for no key update) mine
    where b.key = mine.key
)
select used_at is not null as correct from attempt;

-- name: take_phone
-- A sign-up that nobody confirmed gives way: the number has been proved now. Of one that has an account the
-- constraint speaks. The old number is told, in case that its owner knows nothing of this. Whoever asked for
-- the account by the old number, asked for one that is gone.
with given_way as (
    delete from pool_user where phone_hash = $2 and confirmed_at is null and id <> $1 returning id
), taken as (
    update pool_user u set phone_hash = $2, phone_sealed = $3, updated_at = app_now()
    from (select count(*) from given_way) before
    where u.id = $1 and u.enabled and u.phone_hash = $4
    returning u.id, u.user_type
), done as (
    delete from phone_change where user_id = $1
), found as (
    update phone_recovery r set state = 'stopped'
    from taken t where r.user_id = t.id and r.state in ('waiting', 'approved')
), welcome as (
    insert into welcomed (phone_hash) select $2 from taken on conflict do nothing
), told as (
    insert into outbox (id, kind, payload, urgent) select $5::uuid, 'sms.send', $6::bytea, true from taken
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $7, id, user_type, 'user.change_phone', 'pool_user', id, $8 from taken
)
select id from taken;

-- name: lock_account
-- For update: a booking refers to its people, so none begins while the account is being closed.
select u.user_type, is_fresh(f.auth_time) as fresh
from pool_user u join refresh_family f on f.user_id = u.id
where u.id = $1 and u.enabled and f.id = $2 and f.revoked_at is null
for update of u;

-- name: find_obligations
-- A statement of its own, after the lock: it sees what was committed while that was waited for.
select exists (select from booking where user_id = $1 and state = 'confirmed')
       or exists (select from booking where astrologer_id = $1 and state = 'confirmed') as has_bookings,
       exists (select from wallet
               where owner_id = $1 and (cash > 0 or held > 0 or earnings > 0)) as has_money;

-- name: record_closing
insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
values ($1, $2, $3, 'user.close_account', 'pool_user', $2, $4);

-- name: list_sessions
-- Newest first; one page and the one after it.
select f.id, f.client_id, f.auth_time, t.seen_at, t.hash as seen_with, t.seen_sealed
from refresh_family f
join lateral (select hash, seen_at, seen_sealed from refresh_token where family_id = f.id
              order by seen_at desc, issued_at desc limit 1) t on true
where f.user_id = $1 and f.revoked_at is null and f.expires_at > app_now()
  and f.id < coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
  and exists (select from refresh_family m where m.id = $2 and m.user_id = $1 and m.revoked_at is null)
order by f.id desc limit $4::int + 1;

-- name: end_other_session
-- Nothing when it is not an open one of theirs, or the one that asks, or that one has ended.
with ended as (
    update refresh_family f set revoked_at = app_now()
    where f.id = $3 and f.user_id = $1 and f.id <> $2 and f.revoked_at is null and f.expires_at > app_now()
      and exists (select from refresh_family m where m.id = $2 and m.user_id = $1 and m.revoked_at is null)
    returning f.id, f.user_id
), told as (
    insert into revocation (user_id, family_id, cause) select user_id, id, 'revoke_session' from ended
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $4, user_id, $5, 'session.end', 'session', id, $6 from ended
)
select id from ended;

-- name: prune_changes
delete from phone_change where at < app_now() - interval '1 day';
