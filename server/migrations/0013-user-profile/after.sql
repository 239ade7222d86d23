-- Each row is an assertion: its name, and whether it holds.
select 'who has said nothing lacks everything', profile_gaps(u) = '{/name,/language,/city,/adult}'
from jsonb_populate_record(null::pool_user, '{"user_type": "user", "groups": []}') u;
select 'who has said everything lacks nothing', profile_gaps(u) = '{}'
from jsonb_populate_record(null::pool_user, '{"user_type": "user", "groups": [], "name_sealed": "x",
    "city_sealed": "x", "language": "hi", "adult_declared_at": "2026-01-01"}') u;
select 'astrologers need no such profile', profile_gaps(u) = '{}'
from jsonb_populate_record(null::pool_user, '{"user_type": "astrologer", "groups": []}') u;
select 'nor do administrators', profile_gaps(u) = '{}'
from jsonb_populate_record(null::pool_user, '{"user_type": "user", "groups": ["admin"]}') u;
select 'a deleted user leaves no profile',
       exists (select from pg_constraint where conname = 'pool_user_forgotten');
