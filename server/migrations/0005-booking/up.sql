-- Who is taken when. One table and one constraint for holds, bookings, live sessions and breaks.
create table occupancy (
    id            uuid        primary key,
    astrologer_id uuid        not null references astrologer,
    user_id       uuid        references pool_user,
    kind          text        not null
                  constraint occupancy_kind check (kind in ('hold', 'booking', 'live', 'break')),
    status        text        not null default 'active'
                  constraint occupancy_status
                  check (status in ('active', 'expired', 'released', 'replaced', 'done')),
    span          tstzrange   not null,                    -- what the user has
    blocked       tstzrange   not null,                    -- what the astrologer gives, buffers included
    price_per_minute bigint,
    expires_at    timestamptz,                             -- of a hold
    created_at    timestamptz not null default app_now(),
    constraint occupancy_hold_expires check (kind <> 'hold' or expires_at is not null),
    constraint occupancy_span_blocked check (span <@ blocked and not isempty(span)),
    constraint occupancy_astrologer_overlap
        exclude using gist (astrologer_id with =, blocked with &&) where (status = 'active'),
    constraint occupancy_user_overlap
        exclude using gist (user_id with =, span with &&) where (status = 'active' and user_id is not null)
) with (fillfactor = 80);
create unique index occupancy_one_hold on occupancy (user_id) where status = 'active' and kind = 'hold';
create index occupancy_expiry on occupancy (expires_at, id) where status = 'active' and kind = 'hold';

create table booking (
    id               uuid        primary key,
    occupancy_id     uuid        not null references occupancy constraint booking_occupancy unique,
    wallet_hold_id   uuid        not null references wallet_hold constraint booking_wallet_hold unique,
    user_id          uuid        not null references pool_user,
    astrologer_id    uuid        not null references astrologer,
    starts_at        timestamptz not null,
    ends_at          timestamptz not null,
    price_per_minute bigint      not null,
    price            bigint      not null,
    state            text        not null default 'confirmed'
                     constraint booking_state
                     check (state in ('confirmed', 'cancelled', 'completed', 'no_show')),
    cancelled_by     text
                     constraint booking_cancelled_by check (cancelled_by in ('user', 'astrologer', 'admin')),
    cancelled_at     timestamptz,
    refund           bigint,
    created_at       timestamptz not null default app_now(),
    constraint booking_cancelled check ((state = 'cancelled') = (cancelled_at is not null))
) with (fillfactor = 80);
create index booking_of_user on booking (user_id, id desc);
create index booking_of_astrologer on booking (astrologer_id, id desc);
