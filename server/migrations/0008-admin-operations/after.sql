select 'the groups that the product knows exist',
       (select count(*) = 4 from pool_group where name in ('user', 'astrologer', 'admin', 'support'));
select 'a deleted user cannot come back',
       exists (select from pg_constraint where conname = 'pool_user_deleted');
select 'a changed phone is indexed again',
       exists (select from pg_trigger where tgname = 'pool_user_phone_changed');
