select 'bounding a list waits for nobody', count(*) = 2 from pg_proc
where proname in ('keep_newest_devices', 'keep_newest_notifications') and prosrc like '%skip locked%';
select 'the funnel does not read everybody',
       exists (select from pg_indexes where indexname = 'pool_user_astrologers');
select 'files that came late are found', exists (select from pg_indexes where indexname = 'upload_late');
