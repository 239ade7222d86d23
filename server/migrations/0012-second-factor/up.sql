-- A second factor: the codes of an authenticator app (TOTP, RFC 6238), after the SMS code.

-- Null: none. 'verified': an authenticator has shown a code, and signing in asks for it only of those who
-- must have one. 'enabled': signing in asks for it.
alter table pool_user
    add column totp text constraint pool_user_totp check (totp in ('verified', 'enabled'));

create function must_have_factor(groups text[]) returns boolean language sql immutable parallel safe as
$$ select groups && '{admin,support}' $$;

-- What a right SMS code leads to instead of a sign-in: 'code' of the authenticator, or that one is 'set_up'.
create function factor_demand(groups text[], totp text) returns text language sql immutable parallel safe as
$$ select case when totp = 'enabled' or totp = 'verified' and must_have_factor(groups) then 'code'
               when totp is null and must_have_factor(groups) then 'set_up' end $$;

create table software_token (
    user_id        uuid    primary key references pool_user on delete cascade,
    secret_sealed  bytea,        -- secret and device name. AAD "software_token.secret:" and the user
    pending_sealed bytea,        -- of one without a code yet. AAD "software_token.pending:" and the user
    set_up_at      timestamptz,  -- when the one in use showed its first code
    last_step      bigint  not null default 0,  -- 30 s each since 1970: codes are used up to this one
    preferred      boolean not null default false
);

-- Whoever is deleted takes it along.
create function forget_software_token() returns trigger language plpgsql as
$$ begin
    delete from software_token where user_id = new.id;
    new.totp := null;
    return new;
end $$;
create trigger pool_user_factor_forgotten before update of deleted_at on pool_user
    for each row when (new.deleted_at is not null) execute function forget_software_token();

-- The sign-in passed the second factor: its tokens say so, however often they are refreshed.
alter table refresh_family add column second_factor boolean not null default false;

-- 'second_factor': the SMS code was right, and the second factor is still to come.
-- 'factor_set_up': it was set up since, which is as good.
alter table challenge
    drop constraint challenge_purpose,
    add constraint challenge_purpose
        check (purpose in ('sign_up', 'sign_in', 'confirmed', 'change_phone', 'second_factor',
                           'factor_set_up'));
