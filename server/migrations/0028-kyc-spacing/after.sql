select 'asking Digio for tokens can be spaced',
       exists (select from pg_attribute
               where attrelid = 'kyc_session'::regclass and attname = 'token_asked_at');
