-- See pg/personal_data.hpp for the parameters.

-- name: read_listing_data
select json_build_object('gender', a.gender,
                         'strikePrices', json_strip_nulls(json_build_object(
                             'chat', a.chat_strike, 'call', a.call_strike, 'video', a.video_strike)),
                         'listed', l.listed, 'stars', l.stars, 'nextFreeAt', l.next_free_at,
                         'onlineUntil', (select until from presence where astrologer_id = a.id))::text
           as record,
       '{}'::text[] as names, '{}'::text[] as purposes, '{}'::text[] as places, '{}'::bytea[] as sealed
from astrologer a join listing l on l.id = a.id where a.id = $1;
