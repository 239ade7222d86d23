-- pgbench -M prepared -D days=30: what 30 days of slots are computed from, for the astrologer who has 500
-- bookings in them.
select chat_price, zone, weekly, buffer_before, buffer_after, notice_minutes, window_days
from astrologer where id = lpad('1', 32, '0')::uuid and status = 'approved';
select lower(blocked), upper(blocked)
from occupancy
where astrologer_id = lpad('1', 32, '0')::uuid and status = 'active'
  and blocked && tstzrange(app_now(), app_now() + :days * interval '1 day')
order by lower(blocked);
