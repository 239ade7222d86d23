select 'every confirmed phone was welcomed',
       not exists (select from pool_user u where confirmed_at is not null
                   and not exists (select from welcomed w where w.phone_hash = u.phone_hash));
select 'a change of phone can wait for its code',
       exists (select from pg_constraint where conname = 'challenge_purpose'
               and pg_get_constraintdef(oid) like '%change_phone%');
select 'every token says when it was seen',
       (select attnotnull from pg_attribute
        where attrelid = 'refresh_token'::regclass and attname = 'seen_at');
