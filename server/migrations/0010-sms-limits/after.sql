-- Each row is an assertion: its name, and whether it holds.
select 'the ceiling is split over sixteen slots', count(*) = 16 from spend_slot;
select 'an empty ceiling has no room', not exists (select from spend_slot s where has_room(s, 0, 0));
select 'a ceiling of one has room in one slot', count(*) = 1 from spend_slot s where has_room(s, 1, 1);
select 'nothing is in the way at first', seconds = 0 and cause is null
from send_wait('\x00', '{}', '{}', 1, 1);
select 'prefixes follow their user to a new id', confupdtype = 'c' and confdeltype = 'c'
from pg_constraint where conname = 'phone_prefix_user_id_fkey';
select 'challenges outlive the id that they were for',
       not exists (select from pg_constraint where conrelid = 'challenge'::regclass and contype = 'f');
