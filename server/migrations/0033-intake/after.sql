select 'nobody has more than ten birth profiles',
       (select count(*) = 2 from pg_constraint
        where conname in ('birth_profile_bound', 'birth_profile_slot'));
select 'a reminder is given once for one start',
       exists (select from pg_constraint where conrelid = 'booking_reminder'::regclass and contype = 'p'
               and array_length(conkey, 1) = 3);
select 'whoever is disabled is noted',
       exists (select from pg_trigger where tgname = 'pool_user_party_gone');
