-- Each row is an assertion: its name, and whether it holds.
select 'nobody is held who was never put on hold', not is_held('00000000-0000-7000-8000-000000000000');
select 'a tombstone is kept for a year at least',
       exists (select from pg_constraint where conname = 'erasure_floor');
select 'a tombstone cannot go early',
       exists (select from pg_constraint where conname = 'erasure_not_early');
select 'certificates are not changed',
       exists (select from pg_trigger where tgname = 'certificate_kept');
select 'one export waits for somebody at most',
       exists (select from pg_indexes where indexname = 'data_export_one_waits' and indexdef like '%UNIQUE%');
