select 'a payout account says from when it is paid to',
       exists (select from pg_attribute where attrelid = 'payout_account'::regclass
               and attname = 'payable_from' and attnotnull);
