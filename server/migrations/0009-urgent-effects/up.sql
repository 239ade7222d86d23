-- A code that somebody waits for does not stand behind a backlog of notices.
alter table outbox add column urgent boolean not null default false;
drop index outbox_due;
create index outbox_due on outbox (urgent desc, run_at, id) where dead_at is null;
