-- For what purges by age look for.
create index occupancy_ended_holds on occupancy (created_at, id) where kind = 'hold' and status <> 'active';
create index consent_origins on consent (given_at, id) where origin_sealed is not null;
create index data_export_removed on data_export (asked_at, id) where state = 'removed';
