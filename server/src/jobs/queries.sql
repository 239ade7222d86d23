-- name: claim_jobs
-- Pushing run_at forward is the lease. A row whose attempts are used up did not survive its last one:
-- it is buried here.
-- $5 are the rows this worker has in hand: moving the test clock must not make it take them again.
with due as (
    select id from outbox
    where dead_at is null and run_at <= app_now() and kind = any($4::text[]) and id <> all($5::uuid[])
    order by urgent desc, run_at, id
    limit $1
    for update skip locked
), claimed as (
    update outbox o
    set attempts = o.attempts + 1,
        run_at = app_now() + $2::bigint * interval '1 millisecond',
        dead_at = case when o.attempts >= $3::int then app_now() end,
        last_error = case when o.attempts >= $3::int then 'its last attempt did not end' else o.last_error end
    from due
    where o.id = due.id
    returning o.id, o.kind, o.payload, o.attempts, o.dead_at is not null as dead
)
select id, kind, payload, attempts, dead from claimed order by id;

-- name: renew_jobs
update outbox o
set run_at = app_now() + $3::bigint * interval '1 millisecond'
from (select h.id from unnest($1::uuid[], $2::int[]) as h(id, attempts) join outbox using (id, attempts)
      order by h.id for update of outbox) mine
where o.id = mine.id;

-- name: finish_jobs
delete from outbox where id = any($1::uuid[]);

-- name: postpone_job
-- Fenced by the attempt, which every claim and burial of another counts up: one who lost the lease must not
-- move the row of who has it now. `dead_at` stays out of these conditions, or the planner may walk the whole
-- index of due rows for one id.
update outbox set run_at = app_now() + $3::bigint * interval '1 millisecond', last_error = $4
where id = $1 and attempts = $2;

-- name: bury_job
update outbox set dead_at = app_now(), last_error = $3
where id = $1 and attempts = $2;

-- name: take_lease
insert into lease as l (name, holder, expires_at)
values ($1, $2, app_now() + $3::bigint * interval '1 millisecond')
on conflict (name) do update
set holder = excluded.holder, expires_at = excluded.expires_at
where l.holder = excluded.holder or l.expires_at <= app_now()
returning true as taken;

-- name: give_lease_back
delete from lease where name = $1 and holder = $2;

-- name: prune_idempotency
delete from idempotency
where (owner_id, key) in (select owner_id, key from idempotency
                          where created_at < app_now() - interval '24 hours'
                          order by created_at limit 1000 for update skip locked);

-- name: prune_challenges
delete from challenge
where id in (select id from challenge where created_at < app_now() - interval '1 day'
             order by created_at limit 1000 for update skip locked);

-- name: prune_dead_letters
delete from outbox
where id in (select id from outbox where dead_at < app_now() - interval '90 days'
             order by dead_at limit 1000 for update skip locked);

-- name: measure_outbox
select count(*) filter (where dead_at is null) as waiting,
       count(*) filter (where dead_at is not null) as dead,
       coalesce(extract(epoch from app_now() - min(created_at) filter (where dead_at is null)), 0)::bigint
           as oldest_seconds
from outbox;

-- name: load_data_keys
select id, wrapped, active_from <= app_now() as active from data_key order by active_from, id;

-- name: add_data_key
with made as (
    insert into data_key (id, wrapped, active_from)
    values ($1, $2, app_now() + $3::bigint * interval '1 millisecond')
    returning id
)
insert into audit_pending (id, actor_role, action, subject_kind, detail)
select $4, 'operator', 'keys.rotate_data', 'data_key', json_build_object('key', encode(id, 'hex'))::text
from made;

-- name: read_payloads
select id::text as row, payload as sealed from outbox
where id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(payload from 2 for 4) <> $1
order by id limit $3;

-- name: replace_payloads
update outbox o set payload = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where o.id = n.row::uuid and o.payload = n.old;
