-- What astrologers upload: a photo that everybody sees, and papers that only they and staff see. The files
-- are in the object store; here is what they are and what became of them.
create table upload (
    id           uuid        primary key,
    user_id      uuid        not null constraint upload_astrologer references astrologer,
    kind         text        not null
                 constraint upload_kind
                 check (kind in ('photo', 'identity', 'address', 'certificate', 'bank_proof')),
    state        text        not null default 'asked'
                 constraint upload_state check (state in ('asked', 'sent', 'ready', 'refused', 'removed')),
    content_type text        not null,
    size         integer     not null constraint upload_size check (size between 1 and 12582912),
    fault        text,                                       -- why it was refused
    parts        text[]      not null default '{}',          -- the names of what was made of it
    created_at   timestamptz not null default app_now(),
    expires_at   timestamptz not null,                       -- of an upload that was asked for and never came
    settled_at   timestamptz,
    swept_at     timestamptz,                                -- of a removed one: its files are gone
    constraint upload_refused check ((state = 'refused') = (fault is not null) or state = 'removed'),
    constraint upload_ready check (state <> 'ready' or cardinality(parts) > 0)
) with (fillfactor = 80);
create index upload_of_user on upload (user_id, id desc);
create index upload_unsent on upload (expires_at, id) where state in ('asked', 'sent');
create index upload_unswept on upload (id) where state = 'removed' and swept_at is null;
-- A new one takes the place of the one before, but for certificates, of which there may be several.
create unique index upload_one_of_kind on upload (user_id, kind)
    where state = 'ready' and kind <> 'certificate';

-- The upload that everybody sees.
alter table astrologer add column photo uuid constraint astrologer_photo references upload;

-- An upload moves only forward, and a removed one stays removed.
create function upload_forward() returns trigger language plpgsql as
$$ begin
    if old.state = 'removed' or new.state = 'asked'
       or (old.state in ('ready', 'refused') and new.state <> 'removed')
       or (old.state = 'asked' and new.state in ('ready', 'refused')) then
        raise exception using errcode = '23514', constraint = 'upload_forward',
                              message = 'an upload moves only forward';
    end if;
    return new;
end $$;
create trigger upload_forward before update of state on upload
    for each row when (new.state is distinct from old.state) execute function upload_forward();
