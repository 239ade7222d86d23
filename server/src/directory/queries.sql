-- name: tail_listing
-- What was touched by transactions that are not older than $1, in pages; the horizon is where to go on next
-- time: every transaction below it has ended. What is in memory of an astrologer, and no more.
select h.horizon, l.id, l.changed, l.listed, coalesce(l.languages, '{}') as languages,
       coalesce(l.specializations, '{}') as specializations, l.experience_years, l.city, l.gender, l.prices,
       coalesce(l.stars, '{}') as stars, l.online, l.next_free_at, coalesce(l.words, '{}') as words
from (select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as horizon) h
left join lateral (
    select l.id, l.changed::text::bigint as changed, l.listed, a.languages, a.specializations,
           a.experience_years::int, lower(a.city collate "C") as city, a.gender,
           array[a.chat_price, a.call_price, a.video_price] as prices, l.stars, l.online::int,
           l.next_free_at, l.words
    from listing l join astrologer a on a.id = l.id
    where (l.changed, l.id) > ($1::bigint::text::xid8, $2)
    order by l.changed, l.id
    limit $3
) l on true;

-- name: find_words
-- Which words of names, cities and skills are meant by each word of $1, for whoever types them wrong or half.
select t.at::int, f.word, f.code
from unnest((words_of($1))[1:6]) with ordinality t(said, at)
left join lateral (
    (select w.word, null::text as code from search_word w where w.word % t.said
     order by similarity(w.word, t.said) desc, w.word limit 40)
    union
    (select w.word, null from search_word w
     where w.word >= t.said and w.word < t.said || chr(1114111) limit 40)
    union
    select s.word, s.code from skill_word s where s.word % t.said or starts_with(s.word, t.said)
) f on true
order by t.at;

-- name: read_items
-- As listed; of who is no longer, nothing.
select a.id, a.display_name, a.bio, a.languages, a.specializations, a.experience_years::int, a.city, a.gender,
       array[a.chat_price, a.call_price, a.video_price] as prices,
       case when num_nonnulls(a.chat_strike, a.call_strike, a.video_strike) > 0
            then array[a.chat_strike, a.call_strike, a.video_strike] end as strike_prices,
       l.stars, l.online::int, l.next_free_at, $2::text || a.photo || '/' as photo
from astrologer a join listing l on l.id = a.id
where a.id = any ($1::uuid[]) and a.status = 'approved' and a.lowest_price is not null
  and exists (select from pool_user u where u.id = a.id and u.enabled);

-- name: read_standing
-- Between an astrologer and whoever looks at them, and which version of the astrologer is to be shown; none
-- when the astrologer is not listed or has blocked the one who looks.
select l.changed::text::bigint as version, f.user_id is not null as following,
       coalesce(f.notify, false) as notify,
       exists (select from block where blocker_id = $2 and blocked_id = $1) as blocked
from listing l
join astrologer a on a.id = l.id and a.status = 'approved' and a.lowest_price is not null
join pool_user u on u.id = l.id and u.enabled
left join follow f on f.user_id = $2 and f.astrologer_id = l.id
where l.id = $1 and not exists (select from block where blocker_id = $1 and blocked_id = $2);

-- name: read_newest_reviews
select id, stars::int, text, reply, replied_at, created_at, edited_at
from review where astrologer_id = $1 and state = 'visible'
order by id desc limit 3;

-- name: list_blocked
-- Whom a caller does not see: blocked by them, or they by them.
select blocked_id as id from block where blocker_id = $1
union select blocker_id from block where blocked_id = $1;

-- name: go_online
-- One that inserts was offline: the sweep deletes what has ended, by the statement that says so in `listing`.
with may as (
    select l.id, l.online from listing l where l.id = $1 and l.listed
), lease as (
    insert into presence as p (astrologer_id, channels, until)
    select id, $2, app_now() + $3::int * interval '1 second' from may
    on conflict (astrologer_id) do update set channels = excluded.channels, until = excluded.until
    returning p.until, (xmax = 0) as is_new
), shown as (
    update listing l set online = $2, changed = pg_current_xact_id()
    from lease where l.id = $1 and (lease.is_new or l.online <> $2)
), told as (
    insert into outbox (id, kind, payload)
    select $4, 'astrologer.available', $5 from lease
    where is_new and exists (select from follow where astrologer_id = $1 and notify)
)
select until from lease;

-- name: go_offline
with ended as (
    delete from presence where astrologer_id = $1 returning astrologer_id
)
update listing l set online = 0, changed = pg_current_xact_id()
from ended where l.id = ended.astrologer_id;

-- name: end_presences
with due as (
    select astrologer_id from presence where until <= app_now()
    order by until limit 500 for update skip locked
), ended as (
    delete from presence p using due where p.astrologer_id = due.astrologer_id
    returning p.astrologer_id
)
update listing l set online = 0, changed = pg_current_xact_id()
from ended where l.id = ended.astrologer_id;

-- name: read_progress
select upto from schedule_progress;

-- name: read_new_occupancies
-- Begun after that id; ids are in the order of time.
select id, astrologer_id from occupancy where id > $1 order by id limit $2;

-- name: mark_schedules
-- Those whose time changed are looked at first, by whoever computes; $2 is how far $1 comes from.
with gone as (
    delete from schedule_change
    where id in (select id from schedule_change order by id limit 5000 for update skip locked)
    returning astrologer_id
), progress as (
    update schedule_progress set upto = $2 where upto <> $2
)
update listing set next_free_due = '-infinity'
where listed and next_free_due <> '-infinity'
  and id in (select astrologer_id from gone union select unnest($1::uuid[]));

-- name: claim_schedules
-- For half a minute; a change in between takes the claim away.
update listing l
set next_free_due = app_now() + interval '30 seconds'
from astrologer a
where a.id = l.id
  and l.id in (select id from listing where listed and next_free_due <= app_now()
               order by next_free_due, id limit $1 for no key update skip locked)
returning l.id, l.next_free_due as claim, l.next_free_at as before, a.notice_minutes, a.window_days::int;

-- name: store_next_free
-- Where the claim still stands. The last instant there is means never.
with computed as (
    select * from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[])
                  as n (id, claim, free_at, due)
)
update listing l
set next_free_at = nullif(n.free_at, '9999-12-31Z'), next_free_due = n.due,
    changed = case when l.next_free_at is distinct from nullif(n.free_at, '9999-12-31Z')
                   then pg_current_xact_id() else l.changed end
from computed n
where l.id = n.id and l.next_free_due = n.claim;

-- name: tell_followers
-- An earlier time has become free, or somebody came online: who follows them is told.
insert into outbox (id, kind, payload)
select o.id, 'astrologer.available', o.payload
from unnest($1::uuid[], $2::uuid[], $3::bytea[]) as o (id, astrologer_id, payload)
where exists (select from follow f where f.astrologer_id = o.astrologer_id and f.notify);

-- name: save_listing
-- What only a listing shows; astrologer_strike refuses a price that is not above what is asked.
with saved as (
    update astrologer
    set gender = $2, chat_strike = $3, call_strike = $4, video_strike = $5, updated_at = app_now()
    where id = $1
    returning id, gender, chat_strike, call_strike, video_strike
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $6, id, 'astrologer', 'listing.change', 'astrologer', id,
           json_strip_nulls(json_build_object('chat', chat_strike, 'call', call_strike,
                                              'video', video_strike))::text, $7
    from saved
)
select gender, array[chat_strike, call_strike, video_strike] as strike_prices from saved;
