-- The e-mail address of an account. The user's row is locked first: it puts what one user does in order. Of
-- what follows only the mailbox's guard is not theirs alone, and only sending locks that.

-- name: find_email
-- By an open session only. What waits was not answered yet.
select u.email_sealed, u.email_verified, u.language, c.email_sealed as waiting_sealed
from pool_user u join refresh_family f on f.user_id = u.id
left join email_change c on c.user_id = u.id and c.used_at is null
where u.id = $1 and u.enabled and f.id = $2 and f.revoked_at is null;

-- name: send_email_code
-- As in send_code, what is full is found by reading and answered without a lock or a write; when others take
-- the last of something in between, the statement aborts as a whole and is asked again. The code before it
-- ends, because there is one row a user.
with wait as (
    select seconds, cause from email_wait(array[$3, email_guard_of($1)])
), person as (
    select u.id
    from wait w, pool_user u join refresh_family f on f.user_id = u.id
    where w.seconds = 0 and u.id = $1 and u.enabled and f.id = $2 and f.revoked_at is null
    for share of u
), counted as (
    insert into email_guard as g (key, sends)
    select k.key, array[app_now()] from person, unnest(array[$3, email_guard_of($1)]) k(key) order by k.key
    on conflict (key) do update
    set sends = array(select t from unnest(g.sends) t where t > app_now() - interval '1 day') || app_now()
    where coalesce(email_opens(g.sends, g.locked_until) <= app_now(), true)
    returning g.key
), sent as (
    select p.id from person p, (select count(*) as n from counted) c where c.n = 2
), waits as (
    insert into email_change (user_id, email_hash, email_sealed, code_mac, expires_at)
    select id, $4, $5, $6, app_now() + $7::int * interval '1 second' from sent
    on conflict (user_id) do update
    set email_hash = excluded.email_hash, email_sealed = excluded.email_sealed,
        code_mac = excluded.code_mac, expires_at = excluded.expires_at, attempts = 0, used_at = null,
        at = app_now()
), queued as (
    insert into outbox (id, kind, payload, urgent) select $8, 'email.send', $9, true from sent
)
select w.seconds as wait, w.cause, exists (select from person) as known,
       case when exists (select from person) and not exists (select from sent)
            then refuse('send_raced')::text end as raced
from wait w;

-- name: answer_email
-- Counts and compares like verify_code: by the update, whatever the outcome. One of any number of right
-- answers makes the address the account's; the one before it is told ($7, of which nothing is sent when there
-- was none).
with person as (
    select u.id, u.user_type
    from pool_user u join refresh_family f on f.user_id = u.id
    where u.id = $1 and u.enabled and f.id = $2 and f.revoked_at is null
    for no key update of u
), attempt as (
    update email_change c
    set attempts = c.attempts + 1, used_at = case when c.code_mac = $3 then app_now() end
    from person p join email_guard g on g.key = email_guard_of(p.id)
    where c.user_id = p.id and c.email_hash = $4
      and c.attempts < 5 and c.used_at is null and c.expires_at > app_now()
      and (g.locked_until is null or g.locked_until <= app_now())
    returning c.user_id, c.used_at
), failed as (
    update email_guard g
    set (failures, failed_since, locked_until) =
        (select * from one_more_failure(g.failures, g.failed_since))
    from attempt a where a.used_at is null and g.key = email_guard_of(a.user_id)
    returning a.user_id, g.locked_until
), taken as (
    update pool_user u set email_sealed = $5, email_verified = true, updated_at = app_now()
    from attempt a where a.used_at is not null and u.id = a.user_id
    returning u.id, u.user_type
), told as (
    insert into outbox (id, kind, payload, urgent)
    select $6::uuid, 'email.send', $7::bytea, true from taken where $7::bytea is not null
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $8::uuid, id, user_type, 'user.change_email', 'pool_user', id, null, $9::text from taken
    union all
    select $8, null, 'system', 'code.wrong', 'pool_user', user_id, wrong_code_detail(locked_until), $9
    from failed
)
select used_at is not null as correct from attempt;

-- name: is_email_locked
-- Why an answer was not even counted: read after the refusal, for its message only.
select coalesce(locked_until > app_now(), false) as locked from email_guard where key = email_guard_of($1);

-- name: remove_own_email
-- And what waited to take its place.
with changed as (
    update pool_user u set email_sealed = null, email_verified = false, updated_at = app_now()
    from refresh_family f
    where u.id = $1 and u.enabled and f.id = $2 and f.user_id = u.id and f.revoked_at is null
    returning u.id, u.user_type
), nothing_waits as (
    delete from email_change c using changed where c.user_id = changed.id
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $3, id, user_type, 'user.remove_email', 'pool_user', id, $4 from changed
)
select id from changed;

-- name: write_email
-- By an administrator, in a transaction that holds the user's row. None ($2 is null): what waited goes too.
with nothing_waits as (
    delete from email_change where user_id = $1 and $2::bytea is null
)
update pool_user set email_sealed = $2, email_verified = $3, updated_at = app_now() where id = $1;

-- name: has_email
select email_sealed is not null as present from pool_user where id = $1;

-- name: mark_email
-- In such a transaction, too. Of an address that there is: the constraint says so.
update pool_user set email_verified = $2, updated_at = app_now() where id = $1;

-- name: prune_email_changes
delete from email_change where at < app_now() - interval '1 day';

-- name: prune_email_guards
delete from email_guard
where key in (select key from email_guard
              where coalesce(sends[cardinality(sends)] < app_now() - interval '1 day', true)
                and (failed_since is null or failed_since < app_now() - interval '2 days')
                and (locked_until is null or locked_until < app_now())
              limit 1000 for update skip locked);
