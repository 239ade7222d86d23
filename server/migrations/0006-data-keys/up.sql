-- Keys that seal personal data and secrets, wrapped by the master key. The first is not here: it is derived
-- from the master key itself.
create table data_key (
    id          bytea       primary key constraint data_key_id_length check (length(id) = 4),
    wrapped     bytea       not null,
    created_at  timestamptz not null default app_now(),
    active_from timestamptz not null                -- every node knows it by then
);
