-- name: list_gone_parties
-- A trigger notes them when they are disabled.
select g.user_id from party_gone g order by g.at, g.user_id limit $1;

-- name: list_bookings_of_gone
select b.id
from pool_user u
cross join lateral (
    (select id from booking where user_id = u.id and state = 'confirmed' and starts_at > app_now())
    union all
    (select id from booking where astrologer_id = u.id and state = 'confirmed' and starts_at > app_now())
) b
where u.id = $1 and not u.enabled
order by b.id;

-- name: forget_gone_party
-- Once nothing is left to cancel. A booking that was under way while they were disabled waited for that, and
-- then found them gone.
delete from party_gone g
where g.user_id = $1
  and not exists (select from pool_user u
                  where u.id = g.user_id and not u.enabled
                    and (exists (select from booking where user_id = u.id and state = 'confirmed'
                                                       and starts_at > app_now())
                         or exists (select from booking where astrologer_id = u.id and state = 'confirmed'
                                                          and starts_at > app_now())));
