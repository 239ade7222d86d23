-- The astrologer's public profile, its approval, price and weekly hours.
create table astrologer (
    id               uuid        primary key references pool_user,
    display_name     text        not null
                     constraint astrologer_name_length check (length(display_name) between 2 and 60),
    bio              text        not null constraint astrologer_bio_length check (length(bio) <= 2000),
    languages        text[]      not null,
    specializations  text[]      not null,
    experience_years smallint    not null
                     constraint astrologer_experience check (experience_years between 0 and 80),
    city             text        not null constraint astrologer_city_length check (length(city) <= 80),
    status           text        not null default 'draft'
                     constraint astrologer_status
                     check (status in ('draft', 'pending', 'approved', 'rejected')),
    submitted_at     timestamptz,
    decided_at       timestamptz,
    decided_by       uuid,
    decision_reason  text,
    price_per_minute bigint
                     constraint astrologer_price check (price_per_minute between 100 and 100000),
    zone             text        not null default 'Asia/Kolkata',
    -- pairs of minutes of the week [start, end), Monday 00:00 = 0, in zone
    weekly           integer[]   not null default '{}',
    buffer_before    smallint    not null default 0
                     constraint astrologer_buffer_before check (buffer_before between 0 and 120),
    buffer_after     smallint    not null default 5
                     constraint astrologer_buffer_after check (buffer_after between 0 and 120),
    notice_minutes   integer     not null default 30
                     constraint astrologer_notice check (notice_minutes between 0 and 10080),
    window_days      smallint    not null default 30
                     constraint astrologer_window check (window_days between 1 and 90),
    created_at       timestamptz not null default app_now(),
    updated_at       timestamptz not null default app_now(),
    constraint astrologer_weekly_pairs check (cardinality(weekly) % 2 = 0 and cardinality(weekly) <= 168),
    -- what is judged or listed is whole
    constraint astrologer_complete check (
        status in ('draft', 'rejected')
        or (bio <> '' and city <> '' and cardinality(languages) > 0 and cardinality(specializations) > 0))
);
create index astrologer_listed on astrologer (id) where status = 'approved' and price_per_minute is not null;
create index astrologer_queue on astrologer (status, coalesce(submitted_at, 'epoch'), id);
