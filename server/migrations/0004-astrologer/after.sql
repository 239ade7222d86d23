select 'prices are bounded', exists (select from pg_constraint where conname = 'astrologer_price');
