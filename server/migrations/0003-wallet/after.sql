select 'one journal per cause', exists (select from pg_constraint where conname = 'journal_once');
select 'no wallet below zero',
       (select count(*) = 3 from pg_constraint where conname like 'wallet\_%\_not\_negative');
