-- When the owner was last told by SMS that their authenticator is another one, or off.
alter table software_token add column told_at timestamptz;

create function told_lately(told_at timestamptz) returns boolean language sql stable parallel safe as
$$ select coalesce(told_at > app_now() - interval '10 minutes', false) $$;

-- A sign-in that may change what the account is signed in with: whoever finds an open phone must not take the
-- account with it.
create function is_fresh(auth_time timestamptz) returns boolean language sql stable parallel safe as
$$ select auth_time > app_now() - interval '10 minutes' $$;
