-- "I lost this number": requests to move an account to another one.

alter table challenge
    drop constraint challenge_purpose,
    add constraint challenge_purpose
        check (purpose in ('sign_up', 'sign_in', 'confirmed', 'change_phone', 'second_factor',
                           'factor_set_up', 'recovery'));

-- Whose number can be recovered. Staff's is an operator's to replace.
create function recoverable(u pool_user) returns boolean language sql immutable parallel safe as
$$ select u.confirmed_at is not null and u.enabled and u.deleted_at is null
          and not must_have_factor(u.groups) $$;

-- How far a request has come. All ends are equally far, so there is one of them.
create function recovery_step(state text) returns integer language sql immutable parallel safe as
$$ select case state when 'asked' then 0 when 'waiting' then 1 when 'approved' then 2 else 3 end $$;

create table phone_recovery (
    id          uuid        primary key,           -- that of the challenge whose code proves the new number
    state       text        not null default 'asked'
                constraint phone_recovery_state
                check (state in ('asked', 'waiting', 'approved', 'moved', 'number_taken', 'rejected',
                                 'stopped', 'superseded', 'expired', 'void')),
    lost_hash   bytea       not null,
    new_hash    bytea       not null,
    new_sealed  bytea,                             -- AAD "phone_recovery.phone:" and the id
    token_hash  bytea,                             -- of what its asker sees the state by
    -- Null: nobody, or nobody whose number can be recovered, has the lost number. It waits like any other.
    user_id     uuid        references pool_user on delete cascade,
    asked_at    timestamptz not null default app_now(),
    opened_at   timestamptz,                       -- the new number was proved
    ready_at    timestamptz,                       -- the earliest moment to move
    remind_at   timestamptz,                       -- when the old number is told once more
    expires_at  timestamptz,                       -- what is not approved by then has ended
    approved_at timestamptz,
    decided_at  timestamptz,
    decided_by  uuid,
    decision_reason text
                constraint phone_recovery_reason check (length(decision_reason) between 1 and 500),
    ended_at    timestamptz,
    constraint phone_recovery_numbers check (lost_hash <> new_hash),
    constraint phone_recovery_opened
        check (state = 'asked'
               or (opened_at is not null and ready_at is not null and expires_at > opened_at
                   and token_hash is not null)),
    constraint phone_recovery_approval
        check (state not in ('approved', 'moved')
               or (approved_at is not null and user_id is not null and new_sealed is not null)),
    -- Whatever waits for somebody's account, waited for staff's decision and for its time.
    constraint phone_recovery_waited check (state <> 'moved' or ended_at >= ready_at),
    constraint phone_recovery_ended check ((recovery_step(state) = 3) = (ended_at is not null))
) with (fillfactor = 80);
-- Of those who want one account, one is approved: only so the number moves.
create unique index phone_recovery_approved on phone_recovery (user_id) where state = 'approved';
-- One number asks for another once at a time, whether or not anybody has that.
create unique index phone_recovery_open on phone_recovery (lost_hash, new_hash)
    where state in ('waiting', 'approved');
-- What every sign-in looks into.
create index phone_recovery_user on phone_recovery (user_id) where user_id is not null;
create index phone_recovery_ready on phone_recovery (ready_at) where state = 'approved';
create index phone_recovery_remind on phone_recovery (remind_at) where remind_at is not null;
create index phone_recovery_expiry on phone_recovery (expires_at);
create index phone_recovery_age on phone_recovery (asked_at) where state = 'asked';

-- States move only forward, whichever statement moves them.
create function phone_recovery_forward() returns trigger language plpgsql as
$$ begin
    if recovery_step(new.state) <= recovery_step(old.state) then
        raise exception using errcode = '23514', constraint = 'phone_recovery_forward',
                              message = 'a recovery moves only forward';
    end if;
    if recovery_step(new.state) = 3 then
        new.ended_at := app_now();
        new.remind_at := null;
    end if;
    return new;
end $$;
create trigger phone_recovery_forward before update of state on phone_recovery
    for each row when (new.state is distinct from old.state)
    execute function phone_recovery_forward();
