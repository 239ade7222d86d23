-- name: read_parties
select b.user_id, u.phone_sealed as user_phone, b.astrologer_id, p.phone_sealed as astrologer_phone,
       a.display_name as astrologer_name, a.zone as astrologer_zone, b.starts_at,
       (extract(epoch from b.ends_at - b.starts_at) / 60)::int as minutes, b.price, b.state, b.cancelled_by,
       u.language as user_language, p.language as astrologer_language
from booking b
join pool_user u on u.id = b.user_id
join astrologer a on a.id = b.astrologer_id
join pool_user p on p.id = b.astrologer_id
where b.id = $1;

-- name: split_job
-- One row for several people becomes one row for each. Fenced by the attempt: a worker that lost its lease
-- splits nothing.
with gone as (
    delete from outbox where id = $1 and attempts = $2 returning id
)
insert into outbox (id, kind, payload)
select part.id, 'sms.send', part.payload
from gone, unnest($3::uuid[], $4::bytea[]) as part(id, payload);
