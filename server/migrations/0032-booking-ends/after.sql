select 'an ended booking cannot be changed into another',
       exists (select from pg_trigger where tgname = 'booking_moves_on' and tgrelid = 'booking'::regclass);
select 'every booking has a policy',
       exists (select from pg_attribute
               where attrelid = 'booking'::regclass and attname = 'policy' and attnotnull);
select 'who did not come is known exactly where somebody did not',
       exists (select from pg_constraint where conname = 'booking_no_show');
select 'the platform keeps penalties in an account of their own',
       (select count(*) = 2 from pg_constraint
        where conname like 'posting\_%\_known' and pg_get_constraintdef(oid) like '%penalties%');
