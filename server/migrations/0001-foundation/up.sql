-- What every feature stands on: extensions, the clock, idempotency keys, the outbox, leases, the audit log.
create extension btree_gist;
create extension pg_trgm;

-- The one clock of SQL. A server started for tests moves it by the session setting; everyone else reads
-- transaction time.
create function app_now() returns timestamptz language sql stable parallel safe as
$$ select now() + coalesce(nullif(current_setting('astrotalk.clock_offset', true), ''), '0')::interval $$;

-- Called as a row's last word to abort a whole statement for a reason that a constraint cannot express.
-- The reason arrives at the client as the error's constraint name, like any other violation.
create function refuse(reason text) returns void language plpgsql as
$$ begin raise exception using errcode = '23514', constraint = reason, message = reason; end $$;

create table idempotency (
    owner_id    uuid        not null,
    key         text        not null
                            constraint idempotency_key_length check (length(key) between 1 and 255),
    fingerprint bytea       not null,
    status      smallint    not null,
    answer      text        not null,
    created_at  timestamptz not null default app_now(),
    primary key (owner_id, key)
);
create index idempotency_age on idempotency (created_at);

-- Effects outside the database. A row is written with the change that causes it and deleted when the effect
-- is done.
create table outbox (
    id         uuid        primary key,
    kind       text        not null,
    payload    bytea       not null,              -- sealed: AES-256-GCM, AAD "outbox.payload." and the id
    run_at     timestamptz not null default app_now(),
    attempts   integer     not null default 0,
    last_error text,
    dead_at    timestamptz,
    created_at timestamptz not null default app_now()
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create index outbox_due on outbox (run_at, id) where dead_at is null;
create index outbox_dead on outbox (dead_at) where dead_at is not null;

-- A named duty held by one node at a time.
create table lease (
    name       text        primary key,
    holder     uuid        not null,
    expires_at timestamptz not null
);

-- Audit: requests insert here; the sealer moves rows in batches into audit_log, numbered and chained.
create table audit_pending (
    id           uuid        primary key,
    at           timestamptz not null default app_now(),
    actor_id     uuid,
    actor_role   text        not null,
    action       text        not null,
    subject_kind text        not null,
    subject_id   uuid,
    reason       text,
    detail       text,                            -- a JSON object without personal data
    request_id   text
);
create table audit_log (
    seq          bigint      primary key,
    id           uuid        not null constraint audit_log_once unique,
    at           timestamptz not null,
    actor_id     uuid,
    actor_role   text        not null,
    action       text        not null,
    subject_kind text        not null,
    subject_id   uuid,
    reason       text,
    detail       text,
    request_id   text,
    hash         bytea       not null constraint audit_log_hash_length check (length(hash) = 32)
);
create index audit_log_subject on audit_log (subject_id, seq) where subject_id is not null;

create function audit_log_append_only() returns trigger language plpgsql as
$$ begin raise exception using errcode = '23514', constraint = 'audit_log_append_only',
                               message = 'the audit log is append-only'; end $$;
create trigger audit_log_append_only before update or delete or truncate on audit_log
    for each statement execute function audit_log_append_only();
