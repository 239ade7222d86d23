-- What the apps show as news, and the devices that are told of it.

create table notification (
    id         uuid        primary key,          -- version 7: in the order of time
    user_id    uuid        not null references pool_user on delete cascade,
    kind       text        not null constraint notification_kind check (kind ~ '^[a-z_.]{1,40}$'),
    params     text        not null constraint notification_params check (length(params) <= 1000),
    created_at timestamptz not null default app_now(),
    read_at    timestamptz
) with (fillfactor = 80);
create index notification_newest on notification (user_id, id desc);
create index notification_unread on notification (user_id) where read_at is null;
create index notification_age on notification (created_at);

-- Of one user, the newest 200.
create function keep_newest_notifications() returns trigger language plpgsql as
$$ begin
    delete from notification
    where id in (select id from notification where user_id = new.user_id order by id desc offset 200);
    return null;
end $$;
create trigger notification_kept after insert on notification
    for each row execute function keep_newest_notifications();

-- Where push messages go. Whoever registers a token has the device now, whoever had it before.
create table device (
    id           uuid        primary key,
    user_id      uuid        not null references pool_user on delete cascade,
    token_hash   bytea       not null constraint device_token unique,    -- keyed
    token_sealed bytea       not null,                                   -- AAD "device.token:" and the id
    platform     text        not null
                 constraint device_platform check (platform in ('android', 'ios', 'web')),
    created_at   timestamptz not null default app_now(),
    seen_at      timestamptz not null default app_now()
) with (fillfactor = 80);
create index device_newest on device (user_id, seen_at desc, id desc);

-- Of one user, the ten seen last.
create function keep_newest_devices() returns trigger language plpgsql as
$$ begin
    delete from device
    where id in (select id from device where user_id = new.user_id order by seen_at desc, id desc offset 10);
    return null;
end $$;
create trigger device_kept after insert or update of user_id on device
    for each row execute function keep_newest_devices();

-- Nobody is told anything on behalf of an account that is gone.
create function forget_notifications() returns trigger language plpgsql as
$$ begin
    delete from device where user_id = new.id;
    delete from notification where user_id = new.id;
    return new;
end $$;
create trigger pool_user_notifications_forgotten before update of deleted_at on pool_user
    for each row when (new.deleted_at is not null and old.deleted_at is null)
    execute function forget_notifications();
