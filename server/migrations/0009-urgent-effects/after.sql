select 'due rows are found urgent first',
       exists (select from pg_indexes where indexname = 'outbox_due' and indexdef like '%urgent DESC%');
