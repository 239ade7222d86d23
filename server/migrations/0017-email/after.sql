select 'nobody has verified an address that they do not have',
       not exists (select from pool_user where email_verified and email_sealed is null);
select 'no client says that an address is verified',
       not exists (select from app_client where 'email_verified' = any (writable));
select 'what was never sent may be sent', email_opens('{}', null) is null;
select 'three in a quarter of an hour are enough',
       email_opens(array[app_now() - interval '10 minutes', app_now(), app_now()], null)
       = app_now() + interval '5 minutes';
select 'ten a day are enough',
       email_opens(array(select app_now() - interval '1 hour' * n from generate_series(10, 1, -1) n), null)
       = app_now() + interval '14 hours';
select 'a mailbox that nothing was sent to makes nobody wait', seconds = 0 and cause is null
from email_wait(array['\x61'::bytea]);
