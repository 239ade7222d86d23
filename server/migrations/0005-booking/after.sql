select 'an astrologer is never taken twice',
       exists (select from pg_constraint where conname = 'occupancy_astrologer_overlap' and contype = 'x');
select 'a user is never in two places',
       exists (select from pg_constraint where conname = 'occupancy_user_overlap' and contype = 'x');
