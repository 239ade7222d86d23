-- Who somebody is: their legal name, the sessions in which Digio looks at their papers, and what came of it.

-- Sealed, never public: AAD "astrologer.legal_name:" and the id.
alter table astrologer add column legal_name_sealed bytea;

-- How far a session has come. All ends are equally far, so there is one of them.
create function kyc_step(state text) returns integer language sql immutable parallel safe as
$$ select case state when 'creating' then 0 when 'unknown' then 1 when 'open' then 2 when 'in_review' then 3
                     else 4 end $$;

create table kyc_session (
    id            uuid        primary key,          -- Digio's transaction_id
    user_id       uuid        not null references astrologer,
    method        text        not null default 'digio'
                  constraint kyc_session_method check (method in ('digio', 'papers')),
    consent_id    uuid        references consent,
    state         text        not null default 'creating'
                  constraint kyc_session_state
                  check (state in ('creating', 'unknown', 'open', 'in_review', 'approved', 'rejected',
                                   'failed', 'expired', 'cancelled', 'abandoned')),
    -- An open session holds its attempt; one that is spared gives it back.
    attempt       smallint    not null
                  constraint kyc_session_attempts check (attempt between 1 and 3),
    spared        boolean     not null default false,
    kid           text        constraint kyc_session_kid unique,     -- Digio's id
    kid_hint      text,                             -- of a webhook that named this session; proved by asking
    template      text        not null default '',
    provider_status text,                           -- Digio's last word
    submitted     boolean     not null default false,
    needs_staff   boolean     not null default false,
    four_eyes     boolean     not null default false,
    approved_by   uuid,                             -- staff
    seconded_by   uuid,
    staff_reason  text        constraint kyc_session_staff_reason
                  check (length(staff_reason) between 1 and 500),
    cause         text,                             -- why it ended, as a code
    reasons       text[]      not null default '{}',                 -- codes of the findings that decided
    findings      text        not null default '[]',                 -- JSON: code, says, score
    -- AAD: "kyc_session.evidence:" (.token:, .origin:, .return:) and the id
    evidence_sealed bytea,                          -- what Digio saw, as JSON
    token_sealed  bytea,                            -- opens Digio's pages
    origin_sealed bytea,                            -- where it was started
    return_sealed bytea,                            -- and where it came back
    address_hash  bytea,
    device_hash   bytea,
    pan_hash      bytea,
    version       integer     not null default 1,   -- fences whoever read before
    checks        integer     not null default 0,
    silent        integer     not null default 0,   -- checks in a row that Digio did not answer
    next_check_at timestamptz,
    started_at    timestamptz not null default app_now(),
    expires_at    timestamptz not null,
    returned_at   timestamptz,
    submitted_at  timestamptz,
    ended_at      timestamptz,
    constraint kyc_session_ended check ((kyc_step(state) = 4) = (ended_at is not null)),
    -- Half an hour, in which a person does their part.
    constraint kyc_session_time check (expires_at <= started_at + interval '30 minutes'),
    -- Nobody passes without papers that somebody looked at.
    constraint kyc_session_approval
        check (state <> 'approved'
               or (method = 'digio' and provider_status is not distinct from 'approved'
                   and consent_id is not null and not (needs_staff and approved_by is null))
               or (method = 'papers' and approved_by is not null)),
    constraint kyc_session_two_people check (seconded_by <> approved_by),
    constraint kyc_session_four_eyes
        check (state <> 'approved' or not four_eyes or approved_by is null or seconded_by is not null),
    constraint kyc_session_spared check (not spared or kyc_step(state) = 4),
    constraint kyc_session_checked check (next_check_at is null or kyc_step(state) < 4)
) with (fillfactor = 70);
create unique index kyc_session_open on kyc_session (user_id) where kyc_step(state) < 4;
create unique index kyc_session_attempt on kyc_session (user_id, attempt) where not spared;
create unique index kyc_session_passed on kyc_session (user_id) where state = 'approved';
create unique index kyc_session_pan on kyc_session (pan_hash) where state = 'approved';
create index kyc_session_due on kyc_session (next_check_at, id) where next_check_at is not null;
create index kyc_session_user on kyc_session (user_id, id);
create index kyc_session_staff on kyc_session (id) where needs_staff and kyc_step(state) < 4;
create index kyc_session_same_pan on kyc_session (pan_hash) where pan_hash is not null;
create index kyc_session_same_address on kyc_session (address_hash) where address_hash is not null;
create index kyc_session_same_device on kyc_session (device_hash) where device_hash is not null;
create index kyc_session_hint on kyc_session (kid_hint) where kid_hint is not null;
create index kyc_session_consent on kyc_session (consent_id) where kyc_step(state) < 4;

-- States move only forward, whichever statement moves them.
create function kyc_session_forward() returns trigger language plpgsql as
$$ begin
    if kyc_step(new.state) <= kyc_step(old.state) then
        raise exception using errcode = '23514', constraint = 'kyc_session_forward',
                              message = 'a KYC session moves only forward';
    end if;
    if kyc_step(new.state) = 4 then
        new.ended_at := app_now();
        new.next_check_at := null;
        new.token_sealed := null;
    end if;
    return new;
end $$;
create trigger kyc_session_forward before update of state on kyc_session
    for each row when (new.state is distinct from old.state)
    execute function kyc_session_forward();

-- The person's standing: from an end there is no way on but from a failure to another attempt.
create function kyc_standing_forward() returns trigger language plpgsql as
$$ begin
    if (coalesce(old.kyc_status, 'not_started'), coalesce(new.kyc_status, 'not_started'))
       in (('not_started', 'in_progress'), ('not_started', 'completed'), ('failed', 'in_progress'),
           ('failed', 'completed'), ('in_progress', 'completed'), ('in_progress', 'failed'),
           ('in_progress', 'rejected'))
       or new.user_type is distinct from old.user_type then
        return new;
    end if;
    raise exception using errcode = '23514', constraint = 'pool_user_kyc_forward',
                          message = 'the KYC status moves only forward';
end $$;
create trigger pool_user_kyc_forward before update of kyc_status on pool_user
    for each row when (coalesce(new.kyc_status, 'not_started') is distinct from
                       coalesce(old.kyc_status, 'not_started'))
    execute function kyc_standing_forward();

-- What Digio is to delete. It offers no way known to us, so staff ask it, and say here when it is done.
create table kyc_deletion (
    session_id   uuid        primary key references kyc_session,
    requested_at timestamptz not null default app_now(),
    done_at      timestamptz,
    done_by      uuid,
    constraint kyc_deletion_done check ((done_at is null) = (done_by is null))
);
create index kyc_deletion_open on kyc_deletion (requested_at) where done_at is null;
