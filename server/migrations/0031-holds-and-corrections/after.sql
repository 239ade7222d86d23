select 'whoever erases can wait for holds', count(*) = 1 from pg_proc where proname = 'share_hold_lock';
select 'people find their certificates', count(*) = 1 from pg_indexes where indexname = 'certificate_subject';
