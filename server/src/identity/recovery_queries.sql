-- Moving an account away from a number that is lost. Locks are taken in everybody's order: challenge,
-- phone_guard, buckets, pool_user; then phone_recovery.

-- name: ask_recovery
-- Nothing here asks whether anybody has the lost number.
with asked as (
    insert into phone_recovery (id, lost_hash, new_hash, new_sealed) values ($1, $2, $3, $4) returning id
)
insert into audit_pending (id, actor_role, action, subject_kind, subject_id, request_id)
select $5, 'system', 'recovery.ask', 'phone_recovery', id, $6 from asked;

-- name: find_asked
-- What the message to the lost number is written from, if somebody has it whose it can be.
select r.new_hash, r.new_sealed, u.id as user_id, u.phone_sealed, u.language,
       coalesce(w.cash > 0 or w.held > 0, false) as has_money, app_now() as at
from phone_recovery r
left join pool_user u on u.phone_hash = r.lost_hash and recoverable(u)
left join wallet w on w.owner_id = u.id
where r.id = $1 and r.state = 'asked';

-- name: answer_recovery
-- Counts and compares like verify_code, in a transaction that goes on with what the code is for.
with attempt as (
    update challenge c
    set attempts = c.attempts + 1, used_at = case when c.code_mac = $2 then app_now() end
    from phone_recovery r, phone_guard g
    where r.id = $1 and r.state = 'asked' and c.id = r.id and c.phone_hash = r.new_hash
      and c.purpose = 'recovery' and g.phone_hash = c.phone_hash and g.challenge_id = c.id
      and c.attempts < 5 and c.used_at is null and c.expires_at > app_now()
      and (g.locked_until is null or g.locked_until <= app_now())
    returning c.id, c.phone_hash, c.used_at, c.counted_in
), failed as (
    update phone_guard g
    set (failures, failed_since, locked_until) =
        (select * from one_more_failure(g.failures, g.failed_since))
    from attempt a where a.used_at is null and g.phone_hash = a.phone_hash
    returning a.id, g.locked_until
), alarmed as (
    insert into audit_pending (id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $3, 'system', 'code.wrong', 'phone_recovery', id, wrong_code_detail(locked_until), $4 from failed
), counted_back as (
    update send_bucket b set level = greatest(0, leaked(b.level, b.most, b.at) - 1.25), at = app_now()
    from (select key from send_bucket
          where key = any((select counted_in from attempt where used_at is not null)::bytea[])
          order by key for no key update) mine
    where b.key = mine.key
)
select used_at is not null as correct from attempt;

-- name: open_recovery
-- For somebody's number as for nobody's; only the first is told ($7), and only of the first is the new number
-- kept. Whoever asks again by the same two numbers continues the request that is open: with its time to wait
-- and its approval, and without another message. A new number that has an account is refused.
with asked as (
    select id, lost_hash, new_hash from phone_recovery where id = $1 and state = 'asked'
), taken as (
    select u.id from asked a join pool_user u on u.phone_hash = a.new_hash and u.confirmed_at is not null
), owner as (
    select u.id from asked a join pool_user u on u.phone_hash = a.lost_hash
    where u.id = $3::uuid and recoverable(u) and not exists (select from taken)
    for share of u
), known as (
    select e.id, e.remind_at from asked a join phone_recovery e using (lost_hash, new_hash)
    where e.state in ('waiting', 'approved') and not exists (select from taken)
), before as (
    update phone_recovery e set state = 'superseded'
    from known k, (select count(*) from owner) locked
    where e.id = k.id and e.state in ('waiting', 'approved')
    returning e.id, e.user_id, e.ready_at, k.remind_at, e.approved_at, e.decided_at, e.decided_by,
              e.decision_reason
), continued as (
    select b.* from before b join owner o on o.id = b.user_id
), opened as (
    update phone_recovery r
    set state = case when exists (select from taken) then 'number_taken'
                     when c.approved_at is not null then 'approved' else 'waiting' end,
        token_hash = $2, user_id = (select id from owner),
        new_sealed = case when exists (select from owner) then r.new_sealed end,
        opened_at = app_now(), expires_at = app_now() + $5::int * interval '1 second',
        ready_at = coalesce(c.ready_at, app_now() + $4::int * interval '1 second'),
        remind_at = case when c.id is not null then c.remind_at
                         when exists (select from owner) then app_now() + $4 * interval '0.5 seconds' end,
        approved_at = c.approved_at, decided_at = c.decided_at, decided_by = c.decided_by,
        decision_reason = c.decision_reason
    from asked a left join continued c on true, (select count(*) from before) ended
    where r.id = a.id
    returning r.*, c.id as continues
), told as (
    insert into outbox (id, kind, payload, urgent)
    select $6::uuid, 'sms.send', $7::bytea, true from opened where user_id is not null and continues is null
), audited as (
    insert into audit_pending (id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $8, 'system',
           case state when 'number_taken' then 'recovery.number_taken' else 'recovery.open' end,
           'phone_recovery', id,
           json_strip_nulls(json_build_object('user', user_id, 'continues', continues))::text, $9
    from opened
)
select id, state, opened_at, ready_at, expires_at, approved_at is not null as approved, app_now() as at
from opened;

-- name: find_recovery
-- By its asker's token.
select id, state, opened_at, ready_at, expires_at, approved_at is not null as approved, app_now() as at
from phone_recovery where id = $1 and token_hash = $2;

-- name: read_recoveries
-- The read and its audit row are one statement: nobody's data is shown without a trace of whose it was.
with seen as (
    select r.id, r.user_id, r.state, u.phone_sealed as lost_sealed, r.new_sealed, r.opened_at, r.ready_at,
           r.expires_at, coalesce(w.cash, 0) as cash, coalesce(w.bonus, 0) as bonus,
           coalesce(w.held, 0) as held, u.created_at as joined_at, u.totp is not null as has_second_factor,
           (select max(f.auth_time) from refresh_family f where f.user_id = u.id) as last_sign_in,
           (select count(*) from phone_recovery o
            where o.user_id = r.user_id and o.id <> r.id and o.state in ('waiting', 'approved'))::int
               as others
    from phone_recovery r join pool_user u on u.id = r.user_id left join wallet w on w.owner_id = u.id
    where r.id < $1 and r.state in ('waiting', 'approved') order by r.id desc limit $2::int + 1
), page as (
    select id, user_id from seen order by id desc limit $2::int
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, reason, detail, request_id)
    select $3, $4, $5, 'admin.read_recoveries', 'phone_recovery', $6,
           json_build_object('count', count(*), 'ids', coalesce(json_agg(user_id), '[]'))::text, $7
    from page
)
select * from seen order by id desc;

-- name: decide_recovery
-- An approval can be taken back by a rejection until the number has moved, and nothing else.
with decided as (
    update phone_recovery r
    set state = $2, decided_at = app_now(), decided_by = $3, decision_reason = $4,
        approved_at = case when $2 = 'approved' then app_now() else r.approved_at end
    where r.id = $1 and r.user_id is not null
      and (r.state = 'waiting' or r.state = 'approved' and $2 = 'rejected')
    returning r.id, r.user_id, r.state, r.ready_at
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, detail,
                               request_id)
    select $5, $3, 'admin', case $2 when 'approved' then 'recovery.approve' else 'recovery.reject' end,
           'phone_recovery', id, $4, json_build_object('user', user_id)::text, $6
    from decided
)
select id, user_id, state, ready_at from decided;

-- name: find_decidable
select user_id is not null as there from phone_recovery where id = $1 and state <> 'asked';

-- name: find_due_moves
select r.id, r.user_id, r.new_sealed, u.phone_sealed, u.language
from phone_recovery r join pool_user u on u.id = r.user_id
where r.state = 'approved' and r.ready_at <= app_now()
order by r.ready_at limit 100;

-- name: move_number
-- In a transaction that holds the user's row. The account is as it was when it was asked for, or nothing
-- moves. A sign-up with the new number that nobody confirmed gives way; of one that has an account the
-- constraint speaks. Both numbers are told ($4 to $7).
with moving as (
    update phone_recovery r set state = 'moved'
    from pool_user u
    where r.id = $1 and r.state = 'approved' and r.ready_at <= app_now()
      and u.id = $2 and u.id = r.user_id and u.phone_hash = r.lost_hash and recoverable(u)
    returning r.id, r.user_id, r.new_hash
), beaten as (
    update phone_recovery r set state = 'superseded'
    from moving m where r.user_id = m.user_id and r.id <> m.id and r.state = 'waiting'
), given_way as (
    delete from pool_user u using moving m where u.phone_hash = m.new_hash and u.confirmed_at is null
    returning u.id
), moved as (
    update pool_user u set phone_hash = m.new_hash, phone_sealed = $3, updated_at = app_now()
    from moving m, (select count(*) from given_way) before where u.id = m.user_id
    returning u.id, m.id as recovery_id, m.new_hash
), nothing_waits as (
    delete from phone_change where user_id in (select user_id from moving)
), welcome as (
    insert into welcomed (phone_hash) select new_hash from moved on conflict do nothing
), told as (
    insert into outbox (id, kind, payload, urgent)
    select letter.id, 'sms.send', letter.payload, true
    from moved, (values ($4::uuid, $5::bytea), ($6, $7)) letter(id, payload)
), audited as (
    insert into audit_pending (id, actor_role, action, subject_kind, subject_id, detail)
    select $8, 'system', 'recovery.move', 'phone_recovery', recovery_id,
           json_build_object('user', id)::text
    from moved
)
select id from moved;

-- name: end_move
-- The new number has an account of its own, or the account is not what it was.
with ended as (
    update phone_recovery r set state = $2
    where r.id = $1 and r.state = 'approved' and r.ready_at <= app_now()
    returning r.id, r.user_id, r.state
)
insert into audit_pending (id, actor_role, action, subject_kind, subject_id, detail)
select $3, 'system', 'recovery.' || state, 'phone_recovery', id, json_build_object('user', user_id)::text
from ended;

-- name: find_due_reminders
select r.id, r.user_id, r.new_sealed, r.ready_at, u.phone_sealed, u.language
from phone_recovery r join pool_user u on u.id = r.user_id
where r.remind_at <= app_now() and r.new_sealed is not null and u.phone_hash = r.lost_hash
order by r.remind_at limit 100;

-- name: remind_of_recovery
with reminded as (
    update phone_recovery r set remind_at = null
    where r.id = $1 and r.remind_at is not null and r.state in ('waiting', 'approved')
    returning r.id
)
insert into outbox (id, kind, payload, urgent) select $2, 'sms.send', $3, true from reminded;

-- name: find_expired_recoveries
select id from phone_recovery where state = 'waiting' and expires_at <= app_now()
order by expires_at limit 100;

-- name: expire_recovery
with expired as (
    update phone_recovery set state = 'expired'
    where id = $1 and state = 'waiting' and expires_at <= app_now()
    returning id
)
insert into audit_pending (id, actor_role, action, subject_kind, subject_id)
select $2, 'system', 'recovery.expire', 'phone_recovery', id from expired;

-- name: prune_recoveries
-- All alike a month after their two weeks, whatever came of them; those never proved after a day.
delete from phone_recovery
where id in (select id from phone_recovery
             where expires_at < app_now() - interval '30 days' and state <> 'approved'
                or state = 'asked' and asked_at < app_now() - interval '1 day'
             limit 1000 for update skip locked);

-- name: read_sealed_recoveries
select id::text as row, new_sealed as sealed from phone_recovery
where id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(new_sealed from 2 for 4) <> $1
order by id limit $3;

-- name: replace_sealed_recoveries
update phone_recovery r set new_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where r.id = n.row::uuid and r.new_sealed = n.old;
