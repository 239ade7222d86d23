select 'whoever erases can wait for holds', count(*) = 1 from pg_proc where proname = 'share_hold_lock';
