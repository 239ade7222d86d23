select 'there is at most one main client', exists (select from pg_class where relname = 'app_client_main');
select 'an installation has kept its client',
       (select count(*) from app_client where main) = (select count(*) from user_pool);
select 'rotation excludes REFRESH_TOKEN_AUTH',
       exists (select from pg_constraint where conname = 'app_client_rotation');
select 'no client writes what staff decide',
       exists (select from pg_constraint where conname = 'app_client_writable');
select 'a key has one successor', exists (select from pg_class where relname = 'signing_key_last');
