-- What people may ask of their data, what keeps it longer, and the proof of what went.

-- A hold keeps everything of its subject from being erased, however many holds there are. It has no foreign
-- key: the rows of people are locked by those who wait for the holds' lock, never the other way round.
create table legal_hold (
    id          uuid        primary key,
    subject_id  uuid        not null,
    reason      text        not null constraint legal_hold_reason check (length(reason) between 1 and 500),
    set_by      uuid        not null,
    set_at      timestamptz not null default app_now(),
    lifted_by   uuid,
    lift_reason text        constraint legal_hold_lift_reason check (length(lift_reason) between 1 and 500),
    lifted_at   timestamptz,
    constraint legal_hold_lifted check (num_nulls(lifted_by, lift_reason, lifted_at) in (0, 3))
);
create index legal_hold_active on legal_hold (subject_id) where lifted_at is null;

create function is_held(person uuid) returns boolean language sql stable parallel safe as
$$ select exists (select from legal_hold where subject_id = person and lifted_at is null) $$;

-- A copy of everything about somebody, for themselves.
create table data_export (
    id              uuid        primary key,
    user_id         uuid        not null references pool_user,
    state           text        not null default 'waiting'
                    constraint data_export_state check (state in ('waiting', 'ready', 'removed')),
    asked_at        timestamptz not null default app_now(),
    ready_at        timestamptz,
    expires_at      timestamptz,
    document_sealed bytea,      -- JSON. AAD "data_export.document:" and the id
    constraint data_export_ready check ((state = 'ready') = (document_sealed is not null)),
    constraint data_export_expiry check (state <> 'ready' or (ready_at is not null and expires_at > ready_at))
);
create unique index data_export_one_waits on data_export (user_id) where state = 'waiting';
create index data_export_of_user on data_export (user_id, asked_at);
create index data_export_expiring on data_export (expires_at) where state = 'ready';

-- Somebody's account has ended. What the law keeps for a while lies sealed in the tombstone, which nothing
-- reads but an operator with a reason, and is gone from everywhere else.
create table erasure (
    id               uuid        primary key,
    user_id          uuid        not null constraint erasure_once unique references pool_user,
    cause            text        not null
                     constraint erasure_cause check (cause in ('request', 'delete_user', 'admin_delete')),
    restricted_at    timestamptz not null default app_now(),
    erase_after      timestamptz not null,
    erased_at        timestamptz,
    tombstone_sealed bytea,      -- JSON. AAD "erasure.tombstone:" and the id
    certificate      text        not null,
    certificate_mac  bytea       not null,
    constraint erasure_floor check (erase_after >= restricted_at + interval '8760 hours'),
    constraint erasure_not_early check (erased_at >= erase_after),
    constraint erasure_tombstone check ((erased_at is null) = (tombstone_sealed is not null))
);
create index erasure_due on erasure (erase_after, id) where erased_at is null;

-- Whose files stay where they are, shown to nobody: the account is on hold, or its tombstone still waits.
create function keeps_files(person uuid) returns boolean language sql stable parallel safe as
$$ select is_held(person) or exists (select from erasure where user_id = person and erased_at is null) $$;

-- The proof of a purge, or of a copy, whose id it has.
create table certificate (
    id      uuid        primary key,
    at      timestamptz not null default app_now(),
    content text        not null,                  -- JSON, as it is printed
    mac     bytea       not null
);

-- What one batch of a purge erased, written in its own transaction, so that a crash between two batches
-- leaves nothing without a line. Lines wait for their certificate.
create table purge_line (
    id             uuid        primary key,
    data_class     text        not null,
    rows_gone      bigint      not null constraint purge_line_rows check (rows_gone > 0),
    oldest         timestamptz not null,
    newest         timestamptz not null,
    ids_hash       bytea       not null,           -- SHA-256 of the ids, each with a line break behind it
    certificate_id uuid        references certificate deferrable initially deferred
);
create index purge_line_waiting on purge_line (id) where certificate_id is null;

create function certificate_kept() returns trigger language plpgsql as
$$ begin raise exception using errcode = '23514', constraint = 'certificate_kept',
                               message = 'a certificate is not changed'; end $$;
create trigger certificate_kept before update or delete or truncate on certificate
    for each statement execute function certificate_kept();

-- Who was signed in from where, after the session itself has been cleaned away: traffic data, which the law
-- wants for a year.
create table past_session (
    id          uuid        primary key,           -- that of the refresh family
    user_id     uuid        not null references pool_user on delete cascade,
    client_id   text        not null,
    began_at    timestamptz not null,
    ended_at    timestamptz not null,
    seen_at     timestamptz,
    seen_with   bytea       constraint past_session_seen_with unique,
    seen_sealed bytea,                             -- AAD "refresh_token.seen:" and seen_with in hex
    constraint past_session_seen check (seen_sealed is null or seen_with is not null)
);
create index past_session_user on past_session (user_id);
create index past_session_age on past_session (ended_at, id);

-- The values of one column in a range of blocks, as bytes: for the scan, which looks into every column there
-- is, also those of tables that do not exist yet.
create function scan_column(of_table text, of_column text, first_block bigint, past_block bigint)
returns setof bytea language plpgsql stable as
$$ declare
    as_bytes text := case (select atttypid::regtype::text from pg_attribute
                           where attrelid = of_table::regclass and attname = of_column)
                     when 'bytea' then '%1$I'
                     when 'bytea[]' then 'convert_to((select string_agg(encode(e, ''escape''), '' '')'
                                         ' from unnest(%1$I) e), ''UTF8'')'
                     else 'convert_to(%1$I::text, ''UTF8'')' end;
begin
    return query execute format('select ' || as_bytes || ' from %2$s where ctid >= $1 and ctid < $2'
                                ' and %1$I is not null', of_column, of_table::regclass)
        using format('(%s,0)', first_block)::tid, format('(%s,0)', past_block)::tid;
end $$;
