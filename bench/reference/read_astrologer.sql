-- pgbench -M prepared: the row behind GET /v1/astrologers/{id}.
\set astrologer random(1, 5000)
select id, display_name, bio, languages, specializations, experience_years, city, chat_price, call_price,
       video_price
from astrologer
where id = lpad(to_hex(:astrologer::bigint), 32, '0')::uuid and status = 'approved'
  and lowest_price is not null;
