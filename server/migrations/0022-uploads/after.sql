select 'an upload moves only forward', exists (select from pg_trigger where tgname = 'upload_forward');
select 'a paper takes the place of the one before',
       exists (select from pg_indexes where indexname = 'upload_one_of_kind'
               and indexdef like '%UNIQUE%(user_id, kind) WHERE%');
