-- psql -v seed=… -v users=… -v astrologers=… : the people of a large data set, in a migrated database that
-- has none. The same seed gives the same people and, on the same day, the same rows; whoever is the nth stays
-- so at every size, so that a small set has the spread of a large one. bookings.sql goes on in this session.
\set ON_ERROR_STOP on
set client_min_messages = warning;
set synchronous_commit = off;
set work_mem = '256MB';
set maintenance_work_mem = '512MB';
select date_trunc('day', app_now() at time zone 'UTC') at time zone 'UTC' as midnight \gset

-- A number in [0, 1) for each n and each thing that is decided about it.
select format($make$
    create function pg_temp.chance(n bigint, what text) returns float8 language sql immutable parallel safe
    return (hashint8extended(n, hashtextextended(what, %s)) & 9007199254740991)::float8 / 9007199254740992
$make$, :seed) \gexec
create function pg_temp.pick(choices text[], at float8) returns text language sql immutable parallel safe
return choices[1 + floor(at * cardinality(choices))::int];
-- A version 7 id: in the order of time, and told apart by what it is of (a hexadecimal digit) and its number.
create function pg_temp.id_of(at timestamptz, kind text, n bigint) returns uuid
language sql stable parallel safe
return (lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0') || '700' || kind || '8'
        || lpad(to_hex(n), 15, '0'))::uuid;
-- People came evenly over two years, the last of them before the first booking.
select format($make$
    create function pg_temp.astrologer_id(n bigint) returns uuid language sql stable parallel safe
    return pg_temp.id_of(%1$L::timestamptz - interval '800 days' + n * interval '400 days' / %2$s, '0', n);
    create function pg_temp.user_id(n bigint) returns uuid language sql stable parallel safe
    return pg_temp.id_of(%1$L::timestamptz - interval '800 days' + n * interval '400 days' / %3$s, '1', n)
$make$, :'midnight', :astrologers, :users) \gexec

-- Nobody here signs in: the phones are of nobody, and marked as indexed so that no duty tries to open them.
insert into pool_user (id, phone_hash, phone_sealed, phone_indexed, confirmed_at, user_type, profile_status,
                       kyc_status)
select pg_temp.astrologer_id(n), int8send(-n), '\x00', true, :'midnight', 'astrologer', 'approved',
       'completed'
from generate_series(1, :astrologers) as n;
insert into pool_user (id, phone_hash, phone_sealed, phone_indexed, confirmed_at, user_type, language)
select pg_temp.user_id(n), int8send(n), '\x00', true, :'midnight', 'user', 'en'
from generate_series(1, :users) as n;

-- Weekly hours as people keep them, each as often as it is here: pairs of minutes of the week from Monday.
create temp table hours (often int, per_day int[], days int[]);
insert into hours values
    (22, '{540,1020}', '{0,1,2,3,4}'),                   -- an office
    (20, '{1080,1380}', '{0,1,2,3,4,5,6}'),              -- every evening
    (12, '{600,1200}', '{5,6}'),                         -- the weekend
    (12, '{360,600}', '{0,1,2,3,4,5,6}'),                -- early mornings
    (12, '{540,780,960,1200}', '{0,1,2,3,4,5}'),         -- closed over lunch
    (6, '{840,1080}', '{1,3}'),                          -- two afternoons
    (6, '{615,765,930,1155}', '{0,2,4,6}'),              -- quarters of an hour
    (6, '{0,60,1200,1440}', '{0,1,2,3,4,5,6}'),          -- nights, over midnight
    (3, '{480,1440}', '{0,1,2,3,4,5,6}'),                -- all day
    (1, '{0,1440}', '{0,1,2,3,4,5,6}');                  -- round the clock
-- Pairs that touch are one.
create temp table shapes as
with minutes as (
    select h.ctid as shape, often, day * 1440 + per_day[i] as from_at, day * 1440 + per_day[i + 1] as to_at
    from hours h, unnest(days) as day, generate_series(1, cardinality(per_day), 2) as i
), runs as (
    select *, count(*) filter (where not touches) over (partition by shape order by from_at) as run
    from (select *, coalesce(from_at = lag(to_at) over (partition by shape order by from_at), false)
                    as touches
          from minutes) as m
), merged as (
    select shape, often, min(from_at) as from_at, max(to_at) as to_at from runs group by shape, often, run
)
select row_number() over (order by shape) as shape, often,
       (select array_agg(minute order by minute)
        from merged as m, unnest(array[m.from_at, m.to_at]) as minute where m.shape = each.shape) as weekly
from merged as each group by each.shape, often;
create temp table drawn_shapes as
select array_agg(shape order by shape) as shapes
from shapes, generate_series(1, often);

insert into astrologer (id, display_name, bio, languages, specializations, experience_years, city, status,
                        gender, submitted_at, decided_at, chat_price, call_price, video_price, chat_strike,
                        zone, weekly, buffer_before, buffer_after, notice_minutes)
select pg_temp.astrologer_id(n),
       pg_temp.pick('{Acharya,Pandit,Dr,Guru,Smt,Shri,Tarot,Jyotishi}', pg_temp.chance(n, 'title')) || ' '
       || pg_temp.pick('{Aarav,Asha,Deepa,Farah,Gauri,Harish,Ishaan,Jaya,Kavita,Lakshmi,Manoj,Nandini,Om,
                         Priya,Rahul,Sanjay,Tara,Uma,Vikram,Yash,अनीता,राधा,सुरेश,विनोद}',
                       pg_temp.chance(n, 'first'))
       || ' '
       || pg_temp.pick('{Sharma,Joshi,Iyer,Nair,Patel,Reddy,Das,Banerjee,Kulkarni,Mehta,Singh,Gill,Rao,Menon,
                         Trivedi,Shastri,Bhat,Mishra,शर्मा,जोशी,शास्त्री}', pg_temp.chance(n, 'last')),
       repeat('Reads charts with care and says what they mean in plain words. ',
              2 + floor(pg_temp.chance(n, 'bio') * 8)::int),
       -- Some are known by nearly all, some by few.
       array(select distinct pg_temp.pick('{hi,en,bn,mr,ta,te,gu,kn,ml,pa,ur,or,as,ne,sd,sa}',
                                          power(pg_temp.chance(n, 'language' || k), 2.5))
             from generate_series(1, 1 + floor(pg_temp.chance(n, 'languages') * 4)::int) as k order by 1),
       array(select distinct pg_temp.pick('{vedic,tarot,numerology,vastu,palmistry,matchmaking,kp,lal_kitab,
                                            prashna,western,gemstones,muhurta,psychic,face_reading,reiki,
                                            nadi}', power(pg_temp.chance(n, 'specialization' || k), 1.6))
             from generate_series(1, 1 + floor(pg_temp.chance(n, 'skills') * 4)::int) as k order by 1),
       1 + floor(40 * power(pg_temp.chance(n, 'years'), 1.7)),
       pg_temp.pick('{Mumbai,Delhi,Bengaluru,Jaipur,Varanasi,Kolkata,Chennai,Hyderabad,Pune,Ahmedabad,Ujjain,
                      Haridwar,Lucknow,Kochi,Indore,Nagpur,Patna,Bhopal,Surat,Mysuru,Guwahati,Amritsar,Puri,
                      Madurai,Kathmandu,Dubai,London,Singapore}', power(pg_temp.chance(n, 'city'), 1.8)),
       'approved', pg_temp.pick('{female,male,other,NULL}', pg_temp.chance(n, 'gender')), :'midnight',
       :'midnight',
       case when pg_temp.chance(n, 'chat') < 0.96 then each.price end,
       case when pg_temp.chance(n, 'chat') >= 0.96 or pg_temp.chance(n, 'call') < 0.75
            then each.price * 3 / 2 end,
       case when pg_temp.chance(n, 'video') < 0.5 then each.price * 2 end,
       case when pg_temp.chance(n, 'chat') < 0.96 and pg_temp.chance(n, 'strike') < 0.3
            then each.price * 3 / 2 end,
       case when pg_temp.chance(n, 'abroad') < 0.85 then 'Asia/Kolkata'
            else pg_temp.pick('{Asia/Dubai,Europe/London,America/New_York,Asia/Kathmandu,Asia/Singapore,
                                America/Los_Angeles,Australia/Sydney}', pg_temp.chance(n, 'zone')) end,
       s.weekly, 5 * floor(pg_temp.chance(n, 'before') * 4), 5 * floor(pg_temp.chance(n, 'after') * 4),
       (array[30, 60, 120, 720])[1 + floor(pg_temp.chance(n, 'notice') * 4)]
from generate_series(1, :astrologers) as n
cross join drawn_shapes as d
join shapes as s
  on s.shape = d.shapes[1 + floor(pg_temp.chance(n, 'shape') * cardinality(d.shapes))::int]
-- ₹5 to ₹60 a minute, most of them cheap.
cross join lateral (select 100 * round(5 * exp(pg_temp.chance(n, 'price') * 2.48))::bigint as price) as each;
-- Every twelfth is there, for as long as this is looked at.
insert into presence (astrologer_id, channels, until)
select pg_temp.astrologer_id(n), 7, :'midnight'::timestamptz + interval '30 days'
from generate_series(1, :astrologers) as n where pg_temp.chance(n, 'online') < 1 / 12.0;
update listing l set online = p.channels from presence p where p.astrologer_id = l.id;
analyze pool_user, astrologer;
