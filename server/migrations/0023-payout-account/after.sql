select 'an account number is nowhere in clear',
       not exists (select from information_schema.columns where table_name = 'payout_account'
                   and column_name not in ('user_id', 'secrets_sealed', 'ifsc', 'changed_at'));
