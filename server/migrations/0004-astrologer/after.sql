select 'prices are bounded', exists (select from pg_constraint where conname = 'astrologer_price');
select 'only whole profiles are judged or listed',
       exists (select from pg_constraint where conname = 'astrologer_complete');
