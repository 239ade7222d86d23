-- Consent, and what other systems tell us by webhooks.

-- What somebody is shown before they consent, word for word. All languages of a version say the same. The
-- texts stand in the source; the server stores those that are new when it starts, as the next version.
create table consent_notice (
    purpose  text        not null constraint consent_notice_purpose check (purpose ~ '^[a-z_]{1,40}$'),
    version  integer     not null constraint consent_notice_version check (version > 0),
    language text        not null constraint consent_notice_language check (language ~ '^[a-z]{2}$'),
    hash     bytea       not null,
    content  text        not null,               -- a JSON object: title, sections, items
    items    text        not null,               -- a JSON array: which data, and what for
    at       timestamptz not null default app_now(),
    primary key (purpose, version, language),
    constraint consent_notice_hash check (hash = sha256(convert_to(content, 'UTF8'))),
    constraint consent_notice_said unique (purpose, version, language, hash)
);

create table consent (
    id             uuid        primary key,
    user_id        uuid        not null references pool_user,
    purpose        text        not null,
    notice_version integer     not null,
    language       text        not null,
    notice_hash    bytea       not null,
    items          text        not null,         -- as the notice had them
    channel        text        not null,
    origin_sealed  bytea,                        -- address and user agent. AAD "consent.origin:" and the id
    given_at       timestamptz not null default app_now(),
    withdrawn_at   timestamptz,
    withdrawn_channel text,
    constraint consent_channel check (channel in ('app', 'web', 'support')),
    constraint consent_withdrawal
        check ((withdrawn_at is null) = (withdrawn_channel is null) and withdrawn_at >= given_at
               and withdrawn_channel in ('app', 'web', 'support', 'account_closed')),
    constraint consent_notice_shown foreign key (purpose, notice_version, language, notice_hash)
        references consent_notice (purpose, version, language, hash)
) with (fillfactor = 80);
create unique index consent_one_active on consent (user_id, purpose) where withdrawn_at is null;
create index consent_history on consent (user_id, id);

-- What was consented to is never changed: it ends once. It goes a year after that at the earliest, or later
-- where the law asks for more.
create function consent_kept() returns trigger language plpgsql as
$$ begin
    if tg_level = 'ROW' and tg_op = 'DELETE' then
        if old.withdrawn_at < app_now() - interval '1 year' then
            return old;
        end if;
    elsif tg_level = 'ROW' then
        if (new.id, new.user_id, new.purpose, new.notice_version, new.language, new.notice_hash, new.items,
            new.channel, new.given_at)
           is not distinct from
           (old.id, old.user_id, old.purpose, old.notice_version, old.language, old.notice_hash, old.items,
            old.channel, old.given_at)
           and (old.withdrawn_at is null
                or (new.withdrawn_at, new.withdrawn_channel)
                   is not distinct from (old.withdrawn_at, old.withdrawn_channel)) then
            return new;
        end if;
    end if;
    raise exception using errcode = '23514', constraint = 'consent_kept',
                          message = 'a consent is kept as it was given';
end $$;
create trigger consent_kept before update or delete on consent
    for each row execute function consent_kept();
create trigger consent_kept_whole before truncate on consent
    for each statement execute function consent_kept();
create trigger consent_notice_kept before update or delete or truncate on consent_notice
    for each statement execute function consent_kept();

-- No consent outlives its account, whichever way that is closed.
create function end_consents() returns trigger language plpgsql as
$$ begin
    update consent set withdrawn_at = app_now(), withdrawn_channel = 'account_closed'
    where user_id = new.id and withdrawn_at is null;
    return new;
end $$;
create trigger pool_user_consents_ended before update of deleted_at on pool_user
    for each row when (new.deleted_at is not null and old.deleted_at is null) execute function end_consents();

-- One row for an event, whoever delivers it how often. An event that comes again with another body is a row
-- of its own that points at the first, and nobody acts on it.
create table webhook_event (
    id          uuid        primary key,
    provider    text        not null,
    event_id    text        not null constraint webhook_event_id check (length(event_id) between 1 and 200),
    body_hash   bytea       not null constraint webhook_event_hash check (length(body_hash) = 32),
    body_sealed bytea,                -- AAD "webhook_event.body:" and the id; forgotten after 30 days
    received_at timestamptz not null default app_now(),
    created_at  timestamptz,          -- as its sender says, where it does
    ahead       boolean     not null default false,   -- by far in the future, it says
    conflicts_with uuid     references webhook_event on delete cascade
);
create unique index webhook_event_once on webhook_event (provider, event_id) where conflicts_with is null;
create unique index webhook_event_conflict on webhook_event (conflicts_with, body_hash)
    where conflicts_with is not null;
create index webhook_event_age on webhook_event (received_at);
create index webhook_event_bodies on webhook_event (received_at) where body_sealed is not null;
