-- name: read_funnel
with cohort as (
    select u.created_at as started, u.confirmed_at as phone_verified, a.created_at as profile,
           (select min(p.settled_at) from upload p
            where p.user_id = u.id and cardinality(p.parts) > 0) as documents,
           (select min(c.given_at) from consent c where c.user_id = u.id and c.purpose = 'kyc') as consent,
           (select min(k.started_at) from kyc_session k where k.user_id = u.id) as kyc_started,
           (select min(k.ended_at) from kyc_session k
            where k.user_id = u.id and k.state = 'approved') as kyc_completed,
           case when a.status = 'approved' then a.decided_at end as approved,
           (select min(l.at) from audit_log l
            where l.subject_id = u.id and l.action = 'availability.change') as first_availability
    from pool_user u left join astrologer a on a.id = u.id
    where u.user_type = 'astrologer' and u.created_at > app_now() - $1::int * interval '1 day'
)
select s.name, count(s.at) as people,
       (percentile_cont(0.5) within group (order by extract(epoch from s.at - s.before))
            filter (where s.at >= s.before))::bigint as median_seconds,
       (percentile_cont(0.9) within group (order by extract(epoch from s.at - s.before))
            filter (where s.at >= s.before))::bigint as slow_seconds
from cohort c
cross join lateral (values
    (1, 'started', c.started, null::timestamptz),
    (2, 'phone_verified', c.phone_verified, c.started),
    (3, 'profile', c.profile, c.phone_verified),
    (4, 'documents', c.documents, c.profile),
    (5, 'consent', c.consent, c.profile),
    (6, 'kyc_started', c.kyc_started, c.consent),
    (7, 'kyc_completed', c.kyc_completed, c.kyc_started),
    (8, 'approved', c.approved, c.kyc_completed),
    (9, 'first_availability', c.first_availability, c.approved)
) as s (place, name, at, before)
group by s.place, s.name
order by s.place;

-- name: read_kyc_endings
select k.state as outcome, coalesce(k.cause, 'none') as cause, count(*) as sessions
from kyc_session k
where kyc_step(k.state) = 4 and k.started_at > app_now() - $1::int * interval '1 day'
group by 1, 2
order by 3 desc, 1, 2
limit 100;

-- name: read_kyc_attempts
select used::int, count(*) as people
from (select count(*) filter (where not spared) as used from kyc_session
      where started_at > app_now() - $1::int * interval '1 day' group by user_id) each
group by used
order by used;
