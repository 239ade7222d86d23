-- What the admin operations of the user pool stand on: their keys, groups with names, deleted users, and
-- phones that are found by how they begin.

-- The keys that sign admin operations (AWS Signature Version 4).
create table admin_credential (
    id            text        primary key
                  constraint admin_credential_id check (id ~ '^AKIA[A-Z2-7]{16}$'),
    secret_sealed bytea       not null,          -- AES-256-GCM, AAD "admin_credential.secret:" and the id
    label         text        not null
                  constraint admin_credential_label check (length(label) between 1 and 60),
    created_at    timestamptz not null default app_now()
);
-- Set when the first key was made, so that one who removes every key is not given another at the next start.
alter table user_pool add column first_credential_at timestamptz;

create table pool_group (
    name        text        primary key
                constraint pool_group_name check (length(name) between 1 and 128),
    description text        constraint pool_group_description check (length(description) <= 2048),
    precedence  integer     constraint pool_group_precedence check (precedence >= 0),
    created_at  timestamptz not null default app_now(),
    updated_at  timestamptz not null default app_now()
);
insert into pool_group (name, description) values
    ('user', 'Users of the apps'),
    ('astrologer', 'Approved astrologers'),
    ('admin', 'Administrators: everything'),
    ('support', 'Support staff: reading only');
create index pool_user_groups on pool_user using gin (groups) where groups <> '{}';

-- A deleted user's row stays for the ledger, the bookings and the audit log; who it was does not.
alter table pool_user
    add column deleted_at timestamptz,
    add column phone_indexed boolean not null default false,
    add constraint pool_user_deleted
        check (deleted_at is null or (not enabled and name_sealed is null and groups = '{}'));

create index pool_user_disabled on pool_user (id) where not enabled;

-- Keyed hashes of how each phone begins, for searches. A duty fills it in for users that are not yet indexed.
create table phone_prefix (
    hash    bytea not null,
    user_id uuid  not null references pool_user on delete cascade,
    primary key (hash, user_id)
);
create index phone_prefix_user on phone_prefix (user_id);
create index pool_user_not_indexed on pool_user (id) where not phone_indexed;

-- Whatever changes a phone, the old one's prefixes go with it.
create function forget_phone_prefixes() returns trigger language plpgsql as
$$ begin
    delete from phone_prefix where user_id = new.id;
    new.phone_indexed := false;
    return new;
end $$;
create trigger pool_user_phone_changed before update of phone_hash on pool_user
    for each row when (new.phone_hash is distinct from old.phone_hash)
    execute function forget_phone_prefixes();
