-- Each row is an assertion: its name, and whether it holds.
select 'nobody has two active consents for one purpose',
       exists (select from pg_indexes where indexname = 'consent_one_active'
               and indexdef like '%UNIQUE%(user_id, purpose) WHERE (withdrawn_at IS NULL)%');
select 'a consent points at the words that were shown',
       exists (select from pg_constraint where conname = 'consent_notice_shown');
select 'consents and notices are kept as they are',
       count(*) = 3 from pg_trigger where tgfoid = 'consent_kept'::regproc;
select 'an event is stored once',
       exists (select from pg_indexes where indexname = 'webhook_event_once'
               and indexdef like '%UNIQUE%(provider, event_id) WHERE (conflicts_with IS NULL)%');
