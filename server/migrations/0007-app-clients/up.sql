-- App clients that differ from one another, and signing keys that take turns.

-- Counts the changes of what every node keeps in memory: a node that sees another number reads it all again.
-- By row, so that a statement that finds nothing to change makes nobody read.
alter table user_pool add version bigint not null default 0;

create function user_pool_changed() returns trigger language plpgsql as
$$ begin update user_pool set version = version + 1; return null; end $$;

-- 'main' is the client of our own apps, the one that /v1/config shows.
alter table app_client
    add main             boolean not null default false,
    add rotates          boolean not null default true,   -- each refresh token is used once
    add opens_api        boolean not null default true,   -- its access tokens are good for /v1, too
    add flows            text[]  not null default '{USER_AUTH}',
    add readable         text[]  not null
                         default array['name', 'phone_number', 'custom:user_type', 'custom:profile_status',
                                       'custom:kyc_status'],
    add writable         text[]  not null default '{name,phone_number,custom:user_type}',
    add secret_sealed    bytea,                           -- null: a public client. AAD: column and id
    add old_secret_sealed bytea,                          -- good until old_secret_until, sealed alike
    add old_secret_until timestamptz,
    add constraint app_client_access check (access_seconds between 300 and 86400),
    add constraint app_client_id_token check (id_seconds between 300 and 86400),
    add constraint app_client_refresh check (refresh_seconds between 3600 and 315360000),
    add constraint app_client_flows
        check (cardinality(flows) > 0 and flows <@ '{USER_AUTH,CUSTOM_AUTH,REFRESH_TOKEN_AUTH}'),
    add constraint app_client_rotation check (not (rotates and 'REFRESH_TOKEN_AUTH' = any (flows))),
    -- What staff and KYC decide is written by no client, however it is configured.
    add constraint app_client_writable
        check (not writable && '{sub,phone_number_verified,custom:profile_status,custom:kyc_status}'),
    add constraint app_client_secrets
        check ((old_secret_sealed is null) = (old_secret_until is null)
               and (old_secret_sealed is null or secret_sealed is not null));
create unique index app_client_main on app_client (pool_id) where main;
update app_client set main = true where id = (select id from app_client order by created_at, id limit 1);
create trigger app_client_changed after insert or update or delete on app_client
    for each row execute function user_pool_changed();

-- A key signs from signs_from until retired_at, which is its successor's signs_from; it is published before
-- and for as long after as its tokens may live. Every node goes by these instants, so all switch at once.
alter table signing_key
    add signs_from timestamptz not null default app_now(),
    add supplied   boolean     not null default false;    -- a file of the operator's; rotates with the file
update signing_key set signs_from = created_at;
-- One key of each use is the last of its line, so two rotations at once make one successor.
create unique index signing_key_last on signing_key (token_use) where retired_at is null;
create trigger signing_key_changed after insert or update or delete on signing_key
    for each row execute function user_pool_changed();
