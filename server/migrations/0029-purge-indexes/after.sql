select 'purges by age have their indexes', count(*) = 3 from pg_indexes
where indexname in ('occupancy_ended_holds', 'consent_origins', 'data_export_removed');
