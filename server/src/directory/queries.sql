-- name: list_astrologers
select id, display_name, bio, languages, specializations, experience_years::int, city, price_per_minute,
       $5::text || photo || '/' as photo
from astrologer
where status = 'approved' and price_per_minute is not null and id > $1
  and exists (select from pool_user u where u.id = astrologer.id and u.enabled)
  and ($2::text is null or $2 = any(specializations))
  and ($3::text is null or $3 = any(languages))
order by id
limit $4;

-- name: find_astrologer
select id, display_name, bio, languages, specializations, experience_years::int, city, price_per_minute,
       $2::text || photo || '/' as photo
from astrologer
where id = $1 and status = 'approved' and price_per_minute is not null
  and exists (select from pool_user u where u.id = astrologer.id and u.enabled);
