-- What people do to their own account: a new phone waits for its code, sessions are listed and ended, the
-- account is closed.

-- A phone that its owner has not proved yet. Another request replaces it.
create table phone_change (
    user_id      uuid        primary key references pool_user on delete cascade,
    phone_hash   bytea       not null,     -- that of the challenge whose code proves it
    phone_sealed bytea       not null,     -- AAD "phone_change.phone:" and the user
    at           timestamptz not null default app_now()
);
create index phone_change_age on phone_change (at);

alter table challenge
    drop constraint challenge_purpose,
    add constraint challenge_purpose
        check (purpose in ('sign_up', 'sign_in', 'confirmed', 'change_phone'));

-- Where and when a session was used last, for the list that its owner sees.
alter table refresh_token
    add seen_at     timestamptz,
    add seen_sealed bytea;  -- address and agent, a line each. AAD "refresh_token.seen:" and the hash in hex
update refresh_token set seen_at = issued_at;
alter table refresh_token alter seen_at set not null, alter seen_at set default app_now();

-- Phones that the welcome bonus was given for. It outlives the account, so that nobody closes one to be
-- welcomed again; nothing but a keyed hash is kept.
create table welcomed (
    phone_hash bytea       primary key,
    at         timestamptz not null default app_now()
);
insert into welcomed (phone_hash) select phone_hash from pool_user where confirmed_at is not null;
