-- See pg/personal_data.hpp for the parameters.

-- name: read_review_data
select json_build_object('id', id, 'as', case when user_id = $1 then 'user' else 'astrologer' end,
                         'bookingId', booking_id, 'stars', stars, 'text', text, 'reply', reply,
                         'state', state, 'decisionReason', decision_reason, 'createdAt', created_at,
                         'editedAt', edited_at)::text as record,
       '{}'::text[] as names, '{}'::text[] as purposes, '{}'::text[] as places, '{}'::bytea[] as sealed
from review where user_id = $1 or astrologer_id = $1
order by id desc limit 10000;

-- name: forget_review_texts
-- What they wrote goes; that a consultation had so many stars stays, for those who choose an astrologer.
update review
set text = case when user_id = $1 then '' else text end,
    reply = case when astrologer_id = $1 then null else reply end,
    replied_at = case when astrologer_id = $1 then null else replied_at end,
    decision_reason = case when user_id = $1 then null else decision_reason end
where user_id = $1 or (astrologer_id = $1 and reply is not null);
