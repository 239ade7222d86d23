select 'a data key has an id of four bytes',
       exists (select from pg_constraint where conname = 'data_key_id_length');
