-- name: write_review
-- Of a completed paid consultation, by who had it, once; for 30 days it may be written anew. An edit makes
-- a held review wait for staff still, and one that was removed stays removed.
with had as (
    select id, user_id, astrologer_id, state = 'completed' and price > 0 as counts
    from booking where id = $2 and user_id = $3
), made as (
    insert into review as r (id, booking_id, user_id, astrologer_id, stars, text)
    select $1, id, user_id, astrologer_id, $4, $5 from had where counts
    on conflict (booking_id) do update set stars = excluded.stars, text = excluded.text, edited_at = app_now()
    where r.created_at > app_now() - interval '30 days' and r.state <> 'removed'
    returning r.id, r.booking_id, r.astrologer_id, r.stars::int, r.text, r.reply, r.replied_at, r.state,
              r.created_at, r.edited_at
)
select exists (select from had) as found, coalesce((select counts from had), false) as counts,
       m.id, m.booking_id, m.astrologer_id, m.stars, m.text, m.reply, m.replied_at, m.state, m.created_at,
       m.edited_at
from (values (1)) as always (one) left join made m on true;

-- name: list_reviews
select id, stars::int, text, reply, replied_at, created_at, edited_at
from review where astrologer_id = $1 and state = 'visible' and id < $2
order by id desc limit $3;

-- name: list_own_reviews
select id, booking_id, astrologer_id, stars::int, text, reply, replied_at, state, created_at, edited_at
from review where user_id = $1 and id < $2 order by id desc limit $3;

-- name: list_received_reviews
select id, booking_id, astrologer_id, stars::int, text, reply, replied_at, state, created_at, edited_at
from review where astrologer_id = $1 and id < $2 and state <> 'removed' order by id desc limit $3;

-- name: reply_to_review
-- One, by the astrologer, whose account is locked first, as by its end; null takes it back.
with mine as materialized (
    select account_goes_on($2) as goes_on
)
update review
set reply = $3::text, replied_at = case when $3::text is not null then app_now() end
from mine
where id = $1 and astrologer_id = $2 and state = 'visible' and mine.goes_on
returning id;

-- name: list_reviews_for_staff
with seen as (
    select id, user_id, booking_id, astrologer_id, stars::int, text, reply, state, decision_reason, created_at
    from review where state = $1 and id < $2 order by id desc limit $3::int + 1
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, reason, detail, request_id)
    select $4, $5, $6, 'admin.read_reviews', 'review', $7,
           json_build_object('count', count(*), 'ids', coalesce(json_agg(id), '[]'))::text, $8
    from (select id from seen order by id desc limit $3::int) page
)
select id, user_id, booking_id, astrologer_id, stars, text, reply, state, decision_reason, created_at
from seen order by id desc;

-- name: decide_review
-- Two at once: the second decides on what the first left. What does not change is not decided again.
with decided as (
    update review set state = $2, decision_reason = $3
    where id = $1 and state <> $2
    returning id, astrologer_id
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, detail,
                               request_id)
    select $5, $4, 'admin', 'review.decide', 'review', id, $3,
           json_build_object('state', $2::text, 'astrologer', astrologer_id)::text, $6
    from decided
)
select exists (select from review where id = $1) as found;
