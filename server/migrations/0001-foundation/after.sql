-- Each row is an assertion: its name, and whether it holds.
select 'app_now follows the session setting',
       (select set_config('astrotalk.clock_offset', '1 hour', true)) is not null
       and app_now() > transaction_timestamp() + interval '59 minutes';
select 'clock restored', set_config('astrotalk.clock_offset', '', true) = '';
select 'exclusion over uuid is possible', exists (select from pg_extension where extname = 'btree_gist');
