-- Sealing anew what an older data key sealed: see jobs/sealed_data.hpp for the parameters.

-- name: read_sealed_birth_profiles
select id::text as row, details_sealed as sealed from birth_profile
where id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(details_sealed from 2 for 4) <> $1
order by id limit $3;

-- name: replace_sealed_birth_profiles
update birth_profile t set details_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where t.id = n.row::uuid and t.details_sealed = n.old;

-- name: read_sealed_intake_births
select booking_id::text as row, birth_sealed as sealed from intake
where booking_id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(birth_sealed from 2 for 4) <> $1
order by booking_id limit $3;

-- name: replace_sealed_intake_births
update intake t set birth_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where t.booking_id = n.row::uuid and t.birth_sealed = n.old;

-- name: read_sealed_intake_questions
select booking_id::text as row, question_sealed as sealed from intake
where booking_id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(question_sealed from 2 for 4) <> $1
order by booking_id limit $3;

-- name: replace_sealed_intake_questions
update intake t set question_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where t.booking_id = n.row::uuid and t.question_sealed = n.old;
