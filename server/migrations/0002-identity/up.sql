-- The user pool: who exists, how they prove it, and which tokens they hold.
create table user_pool (
    id               text        primary key,
    region           text        not null,
    issuer           text        not null,
    identity_pool_id text        not null,
    created_at       timestamptz not null default app_now()
);

create table app_client (
    id              text        primary key,
    pool_id         text        not null references user_pool,
    name            text        not null,
    access_seconds  integer     not null default 3600,
    id_seconds      integer     not null default 3600,
    refresh_seconds integer     not null default 2592000,
    grace_seconds   integer     not null default 30
                    constraint app_client_grace check (grace_seconds between 0 and 60),
    rich_access     boolean     not null default true,    -- custom attributes in the access token
    created_at      timestamptz not null default app_now()
);

create table signing_key (
    kid            text        primary key,
    token_use      text        not null constraint signing_key_use check (token_use in ('access', 'id')),
    private_sealed bytea       not null,
    created_at     timestamptz not null default app_now(),
    retired_at     timestamptz
);

create table pool_user (
    id             uuid        primary key,               -- Cognito's sub and username
    phone_hash     bytea       not null constraint pool_user_phone unique,
    phone_sealed   bytea       not null,
    confirmed_at   timestamptz,
    enabled        boolean     not null default true,
    user_type      text        not null constraint pool_user_type check (user_type in ('user', 'astrologer')),
    profile_status text        constraint pool_user_profile
                               check (profile_status in ('pending', 'approved', 'rejected')),
    kyc_status     text        constraint pool_user_kyc
                               check (kyc_status in
                                      ('not_started', 'in_progress', 'completed', 'failed', 'rejected')),
    groups         text[]      not null default '{}',
    name_sealed    bytea,
    created_at     timestamptz not null default app_now(),
    updated_at     timestamptz not null default app_now()
);
create index pool_user_newest on pool_user (id desc);

-- One row per phone that ever asked for a code: the exact window of sends, and failures across codes.
create table phone_guard (
    phone_hash   bytea         primary key,
    sends        timestamptz[] not null default '{}',     -- within the last 15 minutes, at most 3
    challenge_id uuid,                                    -- the one whose code counts: the latest
    failures     integer       not null default 0,        -- wrong answers since failed_since, across codes
    failed_since timestamptz,
    locked_until timestamptz,
    constraint phone_guard_sends check (cardinality(sends) <= 3)
) with (fillfactor = 80);

-- From the fifth wrong answer of a day on, each doubles the time in which no code is sent or read: about 16
-- guesses a day at most.
create function lock_out_after(failures integer) returns interval language sql immutable parallel safe as
$$ select case when failures >= 5
               then least(interval '1 day', interval '30 seconds' * power(2, least(failures - 5, 20))) end $$;

-- A code sent (or pretended to be sent, when the phone is unknown), bound to its session.
create table challenge (
    id            uuid        primary key,
    phone_hash    bytea       not null,
    user_id       uuid        references pool_user on delete cascade,
    client_id     text        not null,
    purpose       text        not null
                  constraint challenge_purpose check (purpose in ('sign_up', 'sign_in', 'confirmed')),
    code_mac      bytea,                                   -- HMAC; null for 'confirmed', which is redeemed
    attempts      smallint    not null default 0 constraint challenge_attempts check (attempts <= 5),
    expires_at    timestamptz not null,
    used_at       timestamptz,
    created_at    timestamptz not null default app_now()
) with (fillfactor = 80);
create index challenge_age on challenge (created_at);

-- One sign-in. Its id is the tokens' origin_jti.
create table refresh_family (
    id         uuid        primary key,
    user_id    uuid        not null references pool_user on delete cascade,
    client_id  text        not null,
    auth_time  timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz
);
create index refresh_family_user on refresh_family (user_id) where revoked_at is null;
create index refresh_family_expiry on refresh_family (expires_at);

-- A token's successor is derived from it under a key, so parallel refreshes cannot disagree and nothing but
-- hashes is stored.
create table refresh_token (
    hash      bytea       primary key,
    family_id uuid        not null references refresh_family on delete cascade,
    issued_at timestamptz not null default app_now(),
    used_at   timestamptz
) with (fillfactor = 80);
create index refresh_token_family on refresh_token (family_id);

-- Every node tails this. A row ends a family, or all of a user's tokens issued before it.
create table revocation (
    seq       bigint      generated always as identity primary key,
    at        timestamptz not null default app_now(),
    user_id   uuid        not null,
    family_id uuid,
    cause     text        not null
);
create index revocation_at on revocation (at);
