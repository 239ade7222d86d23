select 'an astrologer''s caps are counted for what comes and for what moves',
       (select count(*) = 2 from pg_trigger where tgname in ('occupancy_caps_new', 'occupancy_caps_moved')
        and tgenabled = 'O');
select 'a user has one free consultation of an astrologer',
       exists (select from pg_indexes where indexname = 'occupancy_one_free' and indexdef like '%UNIQUE%');
select 'time off is nobody''s hold',
       exists (select from pg_constraint where conname = 'occupancy_break');
