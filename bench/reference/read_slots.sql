-- pgbench -M prepared -D days=30: what 30 days of slots are computed from.
\set astrologer random(1, 5000)
select price_per_minute, zone, weekly, buffer_before, buffer_after, notice_minutes, window_days
from astrologer where id = lpad(to_hex(:astrologer::bigint), 32, '0')::uuid and status = 'approved';
select lower(blocked), upper(blocked)
from occupancy
where astrologer_id = lpad(to_hex(:astrologer::bigint), 32, '0')::uuid and status = 'active'
  and blocked && tstzrange(app_now(), app_now() + :days * interval '1 day')
order by lower(blocked);
