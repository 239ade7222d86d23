-- name: add_engagement
-- In one order, so that nodes wait for each other and do not deadlock.
insert into engagement (day, step, code, times)
select (app_now() at time zone 'UTC')::date, step, code, times
from unnest($1::text[], $2::text[], $3::bigint[]) as counted (step, code, times)
order by step, code
on conflict (day, step, code) do update set times = engagement.times + excluded.times;

-- name: read_engagement
select step, code, sum(times)::bigint as times
from engagement
where day >= ($1::timestamptz at time zone 'UTC')::date and day < ($2::timestamptz at time zone 'UTC')::date
group by step, code
order by times desc, step, code;

-- name: count_outcomes
-- Of the bookings made in a time, by their ids, which are in the order of time.
select state, coalesce(cancelled_by, 'unknown') as cancelled_by,
       case when state <> 'cancelled' then ''
            when starts_at - cancelled_at >= interval '24 hours' then 'day'
            when starts_at - cancelled_at >= interval '2 hours' then 'hours'
            else 'late' end as notice,
       coalesce(no_show_by, 'unknown') as no_show_by,
       count(*) as bookings
from booking b
where id >= $1 and id < $2
group by 1, 2, 3, 4
order by bookings desc, 1, 2, 3, 4;
