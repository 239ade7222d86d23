-- Two that add to one person's list at once each remove the same surplus. In the order of ids, and never
-- waiting for what the other already removes, neither can end in a deadlock.
create or replace function keep_newest_devices() returns trigger language plpgsql as
$$ begin
    delete from device
    where id in (select id from device
                 where id in (select id from device where user_id = new.user_id
                              order by seen_at desc, id desc offset 10)
                 order by id for update skip locked);
    return null;
end $$;

create or replace function keep_newest_notifications() returns trigger language plpgsql as
$$ begin
    delete from notification
    where id in (select id from notification
                 where id in (select id from notification where user_id = new.user_id
                              order by id desc offset 200)
                 order by id for update skip locked);
    return null;
end $$;

-- Who is in the funnel, looked up each minute: a few hundred of perhaps millions.
create index pool_user_astrologers on pool_user (created_at) where user_type = 'astrologer';

-- A link takes a file for as long as it lives, also after the first was looked at or thrown away. Once it has
-- ended for good, what came by it is deleted again.
alter table upload add column late_swept boolean not null default false;
create index upload_late on upload (created_at, id)
    where not late_swept and state in ('ready', 'refused', 'removed');
