-- Both statements take their locks in one order: the phone's guard, the buckets by key, a slot of the
-- ceiling, the user. Whatever counts back (verify_code, confirm_sign_up) keeps to it, so none can deadlock.
-- What is full is found by reading, and answered without a lock. When others take the last of something
-- between the reading and the counting, the statement aborts as a whole (send_raced) and is asked again: then
-- the reading finds out why. So nothing is counted for a code that is not sent.

-- name: send_code
-- An unknown phone is counted like a known one and gets a challenge without a user, but no SMS: the ceiling
-- of what messages cost is only for those that are sent. $13: a user who wants this phone for theirs; the
-- code goes to it whoever has it, as one of a recovery does. Who reads Hindi is sent $14.
with wait as (
    select seconds, cause from send_wait($1, $9::bytea[], $10::int[], $11::int, $12::int)
), slot as (
    select s.slot from spend_slot s, wait w where w.seconds = 0 and has_room(s, $11, $12)
    order by random() limit 1
), guard as (
    insert into phone_guard as g (phone_hash, sends, challenge_id) select $1, array[app_now()], $2 from slot
    on conflict (phone_hash) do update
    set sends = array(select t from unnest(g.sends) t where t > app_now() - interval '15 minutes')
                || app_now(),
        challenge_id = excluded.challenge_id
    where (select count(*) from unnest(g.sends) t where t > app_now() - interval '15 minutes') < 3
      and (g.locked_until is null or g.locked_until <= app_now())
    returning phone_hash
), person as (
    select u.id, u.language from guard join pool_user u using (phone_hash)
    where $13::uuid is null and $4 <> 'recovery' and u.enabled
      and (u.confirmed_at is not null) = ($4 = 'sign_in')
    union all
    select u.id, u.language from guard, pool_user u where u.id = $13
    union all
    select null, null from guard where $4 = 'recovery'
), counted as (
    insert into send_bucket as b (key, level, most, at)
    select a.key, 1, a.most, app_now() from guard, unnest($9, $10) a(key, most) order by a.key
    on conflict (key) do update
    set level = leaked(b.level, excluded.most, b.at) + 1, most = excluded.most, at = app_now()
    where leaked(b.level, excluded.most, b.at) + 1 <= excluded.most
    returning key
), spent as (
    update spend_slot s
    set hour = spend_hour(), day = spend_day(),
        in_hour = case when s.hour = spend_hour() then s.in_hour else 0 end + p.known,
        in_day = case when s.day = spend_day() then s.in_day else 0 end + p.known
    from slot, guard, (select count(*) as n from counted) c, (select count(*)::int as known from person) p
    where s.slot = slot.slot and c.n = cardinality($9) and has_room(s, $11, $12)
    returning guard.phone_hash
), made as (
    insert into challenge (id, phone_hash, user_id, client_id, purpose, code_mac, expires_at, counted_in)
    select $2, phone_hash, (select id from person), $3, $4, $5, app_now() + $6::int * interval '1 second', $9
    from spent
), queued as (
    insert into outbox (id, kind, payload, urgent)
    select $7, 'sms.send', case when p.language = 'hi' then $14::bytea else $8 end, true from spent, person p
)
select w.seconds as wait, w.cause, exists (select from person) as known,
       case when w.seconds = 0 and not exists (select from spent) then refuse('send_raced')::text end as raced
from wait w;

-- name: sign_up
-- Whoever signs up an unconfirmed phone again replaces what was asked for before, because the one who
-- confirms must get what they asked for. $2 is always new: a stranger is told the same for a phone that has
-- an account and for one that has not. Of the first, the owner is told ($14).
with wait as (
    select seconds, cause from send_wait($1, $15::bytea[], $16::int[], $17::int, $18::int)
), slot as (
    select s.slot from spend_slot s, wait w where w.seconds = 0 and has_room(s, $17, $18)
    order by random() limit 1
), guard as (
    insert into phone_guard as g (phone_hash, sends, challenge_id) select $1, array[app_now()], $3 from slot
    on conflict (phone_hash) do update
    set sends = array(select t from unnest(g.sends) t where t > app_now() - interval '15 minutes')
                || app_now(),
        challenge_id = excluded.challenge_id
    where (select count(*) from unnest(g.sends) t where t > app_now() - interval '15 minutes') < 3
      and (g.locked_until is null or g.locked_until <= app_now())
    returning phone_hash
), counted as (
    insert into send_bucket as b (key, level, most, at)
    select a.key, 1, a.most, app_now() from guard, unnest($15, $16) a(key, most) order by a.key
    on conflict (key) do update
    set level = leaked(b.level, excluded.most, b.at) + 1, most = excluded.most, at = app_now()
    where leaked(b.level, excluded.most, b.at) + 1 <= excluded.most
    returning key
), spent as (
    update spend_slot s
    set hour = spend_hour(), day = spend_day(),
        in_hour = case when s.hour = spend_hour() then s.in_hour else 0 end + 1,
        in_day = case when s.day = spend_day() then s.in_day else 0 end + 1
    from slot, guard, (select count(*) as n from counted) c
    where s.slot = slot.slot and c.n = cardinality($15) and has_room(s, $17, $18)
    returning guard.phone_hash
), stored as (
    insert into pool_user as u (id, phone_hash, phone_sealed, name_sealed, user_type, profile_status,
                                kyc_status, email_sealed)
    select $2, phone_hash, $4, $5, $6, case when $6 = 'astrologer' then 'pending' end,
           case when $6 = 'astrologer' then 'not_started' end, $19
    from spent
    on conflict (phone_hash) do update
    set id = excluded.id, phone_sealed = excluded.phone_sealed, name_sealed = excluded.name_sealed,
        email_sealed = excluded.email_sealed, email_verified = false, user_type = excluded.user_type,
        profile_status = excluded.profile_status, kyc_status = excluded.kyc_status, updated_at = app_now()
    where u.confirmed_at is null
    returning u.id, u.enabled
), owner as (
    select u.id, u.enabled from spent join pool_user u using (phone_hash)
    where not exists (select from stored)
), made as (
    insert into challenge (id, phone_hash, user_id, client_id, purpose, code_mac, expires_at, counted_in)
    select $3, phone_hash, (select id from stored), $7, 'sign_up', $8,
           app_now() + $9::int * interval '1 second', $15
    from spent
), queued as (
    insert into outbox (id, kind, payload, urgent)
    select $10::uuid, 'sms.send', $11::bytea, true from stored where enabled
    union all
    select $10, 'sms.send', $14, true from owner where enabled
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $12::uuid, id, $6, 'user.sign_up', 'pool_user', id, $13::text from stored
    union all
    select $12, null, 'system', 'user.sign_up_again', 'pool_user', id, $13 from owner
)
select w.seconds as wait, w.cause, exists (select from stored) as known,
       case when w.seconds = 0 and not exists (select from spent) then refuse('send_raced')::text end as raced
from wait w;

-- name: prune_buckets
-- Those that have run empty.
delete from send_bucket
where key in (select key from send_bucket where at < app_now() - interval '1 day'
              limit 10000 for update skip locked);
