-- name: list_astrologers
-- $4 is a channel, or null for the cheapest of each.
select id, display_name, bio, languages, specializations, experience_years::int, city,
       array[chat_price, call_price, video_price] as prices, $8::text || photo || '/' as photo
from astrologer a
where status = 'approved' and lowest_price is not null and id > $1
  and exists (select from pool_user u where u.id = a.id and u.enabled)
  and ($2::text is null or $2 = any(specializations))
  and ($3::text is null or $3 = any(languages))
  and price_on(a, $4::text) between $5::bigint and $6::bigint
order by id
limit $7;

-- name: list_by_price
-- Planned for the channel it is called with, whose index then gives the order.
select id, display_name, bio, languages, specializations, experience_years::int, city,
       array[chat_price, call_price, video_price] as prices, $8::text || photo || '/' as photo
from astrologer a
where status = 'approved' and price_on(a, $4::text) is not null
  and (price_on(a, $4), id) > ($9::bigint, $1)
  and exists (select from pool_user u where u.id = a.id and u.enabled)
  and ($2::text is null or $2 = any(specializations))
  and ($3::text is null or $3 = any(languages))
  and price_on(a, $4) between $5::bigint and $6::bigint
order by price_on(a, $4), id
limit $7;

-- name: find_astrologer
select id, display_name, bio, languages, specializations, experience_years::int, city,
       array[chat_price, call_price, video_price] as prices, $2::text || photo || '/' as photo
from astrologer
where id = $1 and status = 'approved' and lowest_price is not null
  and exists (select from pool_user u where u.id = astrologer.id and u.enabled);
