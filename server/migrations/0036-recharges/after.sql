select 'a payment is credited once',
       (select indisunique from pg_index where indexrelid = 'payment_credits_once'::regclass);
select 'no more than was paid goes back',
       exists (select from pg_constraint where conname = 'payment_refunded');
select 'nobody decides on a refund of their own',
       exists (select from pg_constraint where conname = 'payment_refund_four_eyes');
select 'what is paid stays paid',
       exists (select from pg_trigger where tgname = 'recharge_moves_on' and tgrelid = 'recharge'::regclass);
select 'a refund that has ended stays as it ended',
       exists (select from pg_trigger
               where tgname = 'payment_refund_moves_on' and tgrelid = 'payment_refund'::regclass);
select 'the postings'' accounts are known ones',
       (select count(*) = 2 from pg_constraint
        where conname like 'posting\_%\_known' and convalidated
              and pg_get_constraintdef(oid) like '%suspense%');
