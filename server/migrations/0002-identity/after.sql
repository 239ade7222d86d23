select 'a phone belongs to one user',
       exists (select from pg_constraint where conname = 'pool_user_phone' and contype = 'u');
select 'attempts are bounded', exists (select from pg_constraint where conname = 'challenge_attempts');
select 'sends are bounded', exists (select from pg_constraint where conname = 'phone_guard_sends');
