-- Each row is an assertion: its name, and whether it holds.
select 'a device has one owner',
       exists (select from pg_constraint where conname = 'device_token' and contype = 'u');
select 'how much a user has is bounded',
       count(*) = 2 from pg_trigger where tgname in ('notification_kept', 'device_kept');
select 'new notifications are found without a scan',
       exists (select from pg_indexes where indexname = 'notification_age');
