-- Whoever erases takes this first, in the transaction that erases: a hold that is set waits for its end, or
-- is seen by whatever it asks after this. Setting a hold takes the same lock alone.
create function share_hold_lock() returns void language sql volatile as
$$ select pg_advisory_xact_lock_shared(hashtext('astrotalk.privacy.hold')) $$;

-- Whose certificate it is, for their copy: of a correction, or of a copy itself. That of a purge is nobody's.
alter table certificate add column subject_id uuid;
create index certificate_subject on certificate (subject_id, id) where subject_id is not null;
