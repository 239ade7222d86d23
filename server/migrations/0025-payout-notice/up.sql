-- Nothing is paid before: a changed account waits, so that its owner can object. The first one need not.
alter table payout_account add column payable_from timestamptz not null default app_now();
