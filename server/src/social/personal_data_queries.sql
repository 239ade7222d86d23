-- See pg/personal_data.hpp for the parameters.

-- name: read_follow_data
select json_build_object('astrologerId', f.astrologer_id, 'astrologer', a.display_name, 'notify', f.notify,
                         'toldAt', f.told_at, 'createdAt', f.created_at)::text as record,
       '{}'::text[] as names, '{}'::text[] as purposes, '{}'::text[] as places, '{}'::bytea[] as sealed
from follow f join astrologer a on a.id = f.astrologer_id
where f.user_id = $1 order by f.astrologer_id limit 10000;

-- name: read_block_data
-- Whom they block; not who blocks them.
select json_build_object('blockedId', blocked_id, 'createdAt', created_at)::text as record,
       '{}'::text[] as names, '{}'::text[] as purposes, '{}'::text[] as places, '{}'::bytea[] as sealed
from block where blocker_id = $1 order by blocked_id limit 10000;

-- name: read_report_data
-- What they reported; what others reported of them is others' data, and stays with staff.
select json_build_object('id', id, 'subjectId', subject_id, 'reason', reason, 'state', state,
                         'decidedAt', decided_at, 'createdAt', created_at)::text as record,
       '{text}'::text[] as names, '{report.text}'::text[] as purposes,
       array['report.text:' || id] as places, array[text_sealed] as sealed
from report where reporter_id = $1 order by id desc limit 10000;

-- name: forget_reports
-- Their words go; that there was a report, and what became of it, stays.
update report set text_sealed = '' where reporter_id = $1;

-- name: purge_decided_reports
delete from report
where id in (select id from report
             where state <> 'open' and decided_at < $1 and not is_held(reporter_id)
               and not is_held(subject_id)
             order by decided_at, id limit $2 for update skip locked)
returning id::text, decided_at as at;

-- name: due_decided_reports
select count(*) filter (where not held) as count, count(*) filter (where held) as held,
       min(decided_at) filter (where not held) as oldest, max(decided_at) filter (where not held) as newest
from (select decided_at, is_held(reporter_id) or is_held(subject_id) as held from report
      where state <> 'open' and decided_at < $1) due;

-- name: read_sealed_report_texts
select id::text as row, text_sealed as sealed from report
where id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and text_sealed <> '' and substring(text_sealed from 2 for 4) <> $1
order by id limit $3;

-- name: replace_sealed_report_texts
update report t set text_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where t.id = n.row::uuid and t.text_sealed = n.old;
