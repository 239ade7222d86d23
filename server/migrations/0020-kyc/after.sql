select 'one open session for each person',
       exists (select from pg_indexes where indexname = 'kyc_session_open');
select 'an attempt is used once, and there are three',
       exists (select from pg_indexes where indexname = 'kyc_session_attempt')
       and exists (select from pg_constraint where conname = 'kyc_session_attempts');
select 'a PAN passes once', exists (select from pg_indexes where indexname = 'kyc_session_pan');
select 'every end is an end',
       bool_and(kyc_step(state) = 4) and kyc_step('in_review') = 3
from unnest('{approved,rejected,failed,expired,cancelled,abandoned}'::text[]) state;
select 'sessions and people move only forward',
       count(*) = 2 from pg_trigger where tgname in ('kyc_session_forward', 'pool_user_kyc_forward');
