select 'prices are bounded', exists (select from pg_constraint where conname = 'astrologer_price');
select 'there is one price for a minute of a channel, and no second',
       array_agg(column_name::text order by column_name) = '{call_price,chat_price,lowest_price,video_price}'
from information_schema.columns where table_name = 'astrologer' and column_name like '%price%';
select 'what is sold says by which channel and for how much',
       (select count(*) = 2 from pg_constraint where conname in ('occupancy_sold', 'booking_channel'));
select 'without a channel the cheapest counts, and a channel that is off has no price',
       (price_on(a, null), price_on(a, 'chat')) = (100, 200) and price_on(a, 'call') is null
from jsonb_populate_record(null::astrologer,
                           '{"chat_price": 200, "video_price": 100, "lowest_price": 100}') a;
