-- Sealing anew what an older data key sealed: see jobs/sealed_data.hpp for the parameters.

-- name: read_sealed_legal_names
select id::text as row, legal_name_sealed as sealed from astrologer
where id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(legal_name_sealed from 2 for 4) <> $1
order by id limit $3;

-- name: replace_sealed_legal_names
update astrologer t set legal_name_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where t.id = n.row::uuid and t.legal_name_sealed = n.old;

-- name: read_sealed_evidence
select id::text as row, evidence_sealed as sealed from kyc_session
where id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(evidence_sealed from 2 for 4) <> $1
order by id limit $3;

-- name: replace_sealed_evidence
update kyc_session t set evidence_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where t.id = n.row::uuid and t.evidence_sealed = n.old;

-- name: read_sealed_kyc_tokens
select id::text as row, token_sealed as sealed from kyc_session
where id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(token_sealed from 2 for 4) <> $1
order by id limit $3;

-- name: replace_sealed_kyc_tokens
update kyc_session t set token_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where t.id = n.row::uuid and t.token_sealed = n.old;

-- name: read_sealed_kyc_origins
select id::text as row, origin_sealed as sealed from kyc_session
where id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(origin_sealed from 2 for 4) <> $1
order by id limit $3;

-- name: replace_sealed_kyc_origins
update kyc_session t set origin_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where t.id = n.row::uuid and t.origin_sealed = n.old;

-- name: read_sealed_kyc_returns
select id::text as row, return_sealed as sealed from kyc_session
where id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(return_sealed from 2 for 4) <> $1
order by id limit $3;

-- name: replace_sealed_kyc_returns
update kyc_session t set return_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where t.id = n.row::uuid and t.return_sealed = n.old;
