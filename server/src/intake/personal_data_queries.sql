-- See pg/personal_data.hpp for the parameters. An intake is its user's: it is no part of an astrologer's copy
-- or erasure.

-- name: read_birth_profile_data
select json_build_object('id', id, 'createdAt', created_at, 'updatedAt', updated_at)::text as record,
       '{birth}'::text[] as names, '{birth_profile.details}'::text[] as purposes,
       array['birth_profile.details:' || id] as places, array[details_sealed] as sealed
from birth_profile where user_id = $1 order by slot;

-- name: forget_birth_profiles
delete from birth_profile where user_id = $1;

-- name: read_intake_data
select json_build_object('bookingId', i.booking_id, 'updatedAt', i.updated_at)::text as record,
       '{birth,question}'::text[] as names, '{intake.birth,intake.question}'::text[] as purposes,
       array['intake.birth:' || i.booking_id, 'intake.question:' || i.booking_id] as places,
       array[coalesce(i.birth_sealed, ''), coalesce(i.question_sealed, '')] as sealed
from intake i join booking b on b.id = i.booking_id
where b.user_id = $1 order by i.booking_id desc limit 10000;

-- name: forget_intakes
delete from intake i using booking b where b.id = i.booking_id and b.user_id = $1;
