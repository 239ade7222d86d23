-- name: add_follow
-- At most 500 each. Nobody follows whom they are blocked from.
with may as (
    select a.id from astrologer a join listing l on l.id = a.id and l.listed
    where a.id = $2 and not are_blocked($1, $2)
), kept as (
    insert into follow (user_id, astrologer_id, notify)
    select $1, id, $3 from may
    where exists (select from follow where user_id = $1 and astrologer_id = $2)
       or (select count(*) from follow where user_id = $1) < 500
    on conflict (user_id, astrologer_id) do update set notify = excluded.notify
    returning astrologer_id
)
select exists (select from may) as found, exists (select from kept) as stored;

-- name: remove_follow
delete from follow where user_id = $1 and astrologer_id = $2;

-- name: list_follows
select f.astrologer_id as id, a.display_name, f.notify, f.created_at, l.online <> 0 as online, l.next_free_at
from follow f
join astrologer a on a.id = f.astrologer_id
join listing l on l.id = f.astrologer_id
where f.user_id = $1 and f.astrologer_id < $2 and l.listed and not are_blocked($1, f.astrologer_id)
order by f.astrologer_id desc limit $3;

-- name: add_block
-- A user blocks an astrologer; an astrologer also users who had to do with them. They follow each other no
-- more, and a hold between them ends: what is booked stays, and can be cancelled. At most 1000 each.
with may as (
    select u.id from pool_user u
    where u.id = $2 and u.id <> $1
      and (exists (select from astrologer a where a.id = $2)
           or exists (select from occupancy o where o.astrologer_id = $1 and o.user_id = $2)
           or exists (select from block where blocker_id = $1 and blocked_id = $2))
), kept as (
    insert into block (blocker_id, blocked_id)
    select $1, id from may
    where (select count(*) from block where blocker_id = $1) < 1000
    on conflict do nothing
    returning blocked_id
), unfollowed as (
    delete from follow f using kept
    where (f.user_id = $1 and f.astrologer_id = $2) or (f.user_id = $2 and f.astrologer_id = $1)
), released as (
    update occupancy o set status = 'released' from kept
    where o.kind = 'hold' and o.status = 'active'
      and ((o.user_id = $1 and o.astrologer_id = $2) or (o.user_id = $2 and o.astrologer_id = $1))
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $3, $1, $4, 'block.create', 'pool_user', blocked_id, $5 from kept
)
select exists (select from may) as found,
       exists (select from kept)
       or exists (select from block where blocker_id = $1 and blocked_id = $2) as stored;

-- name: remove_block
delete from block where blocker_id = $1 and blocked_id = $2;

-- name: list_blocks
select b.blocked_id as id, a.display_name, b.created_at
from block b left join astrologer a on a.id = b.blocked_id
where b.blocker_id = $1 and b.blocked_id < $2
order by b.blocked_id desc limit $3;

-- name: make_report
-- Of astrologers, and by astrologers of who had to do with them. Text $5 is sealed.
with may as (
    select u.id from pool_user u
    where u.id = $3 and u.id <> $2
      and (exists (select from astrologer a where a.id = $3)
           or exists (select from occupancy o where o.astrologer_id = $2 and o.user_id = $3))
), kept as (
    insert into report (id, reporter_id, subject_id, reason, text_sealed)
    select $1, $2, id, $4, $5 from may
    on conflict (reporter_id, subject_id) where state = 'open' do nothing
    returning id
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, request_id)
    select $6, $2, $7, 'report.create', 'report', id, $8 from kept
)
select exists (select from may) as found, exists (select from kept) as stored;

-- name: list_reports
-- The read and its audit row are one statement.
with seen as (
    select id, reporter_id, subject_id, reason, text_sealed, state, decision_reason, decided_at, created_at
    from report where state = $1 and id < $2 order by id desc limit $3::int + 1
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, reason, detail, request_id)
    select $4, $5, $6, 'admin.read_reports', 'report', $7,
           json_build_object('count', count(*), 'ids', coalesce(json_agg(id), '[]'))::text, $8
    from (select id from seen order by id desc limit $3::int) page
)
select id, reporter_id, subject_id, reason, text_sealed, state, decision_reason, decided_at, created_at
from seen order by id desc;

-- name: resolve_report
-- Two at once: the second finds it decided.
with decided as (
    update report
    set state = $2, decision_reason = $3, decided_by = $4, decided_at = app_now()
    where id = $1 and state = 'open'
    returning id, subject_id
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, detail,
                               request_id)
    select $5, $4, $6, 'report.resolve', 'report', id, $3,
           json_build_object('state', $2::text, 'subject', subject_id)::text, $7
    from decided
)
select exists (select from report where id = $1) as found, exists (select from decided) as stored;

-- name: claim_followers
-- Each at most once in six hours, for whatever reason.
with due as (
    select user_id from follow
    where astrologer_id = $1 and notify and (told_at is null or told_at <= app_now() - interval '6 hours')
      and not are_blocked(user_id, astrologer_id)
    order by user_id limit $2 for update skip locked
)
update follow f set told_at = app_now()
from due, astrologer a
where f.astrologer_id = $1 and f.user_id = due.user_id and a.id = $1
returning f.user_id, a.display_name;

-- name: tell_claimed
insert into outbox (id, kind, payload)
select t.id, 'follow.tell', t.payload from unnest($1::uuid[], $2::bytea[]) as t (id, payload);
