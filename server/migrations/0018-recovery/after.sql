-- Each row is an assertion: its name, and whether it holds.
select 'a code can prove the number that an account is to be moved to',
       exists (select from pg_constraint where conname = 'challenge_purpose'
               and pg_get_constraintdef(oid) like '%recovery%');
select 'staff recover through an operator', not recoverable(u)
from jsonb_populate_record(null::pool_user,
                           '{"confirmed_at": "2026-01-01", "enabled": true, "groups": ["support"]}') u;
select 'whoever can sign in recovers', recoverable(u)
from jsonb_populate_record(null::pool_user,
                           '{"confirmed_at": "2026-01-01", "enabled": true, "groups": ["user"]}') u;
select 'every end is an end', recovery_step('moved') = 3 and recovery_step('stopped') = 3
       and recovery_step('rejected') = 3 and recovery_step('approved') = 2 and recovery_step('waiting') = 1;
select 'a recovery cannot go back',
       exists (select from pg_trigger where tgname = 'phone_recovery_forward');
