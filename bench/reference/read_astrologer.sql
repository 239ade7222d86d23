-- pgbench -M prepared: the row behind GET /v1/astrologers/{id}.
\set astrologer random(1, 5000)
select id, display_name, bio, languages, specializations, experience_years, city, price_per_minute
from astrologer
where id = lpad(to_hex(:astrologer::bigint), 32, '0')::uuid and status = 'approved'
  and price_per_minute is not null;
