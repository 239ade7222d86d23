-- See pg/personal_data.hpp for the parameters. An erasure empties the profile with the account: identity's
-- forget_profile.

-- name: read_profile_data
select json_build_object('displayName', display_name, 'bio', bio, 'languages', languages,
                         'specializations', specializations, 'experienceYears', experience_years,
                         'city', city, 'status', status, 'submittedAt', submitted_at, 'decidedAt', decided_at,
                         'decisionReason', decision_reason, 'pricePerMinute', price_per_minute, 'zone', zone,
                         'weekly', weekly, 'createdAt', created_at)::text as record,
       '{}'::text[] as names, '{}'::text[] as purposes, '{}'::text[] as places, '{}'::bytea[] as sealed
from astrologer where id = $1;
