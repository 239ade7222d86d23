-- What phone_guard holds after one more wrong code: failures of more than a day ago no longer count.
create function one_more_failure(failures integer, failed_since timestamptz)
returns table (failures integer, failed_since timestamptz, locked_until timestamptz)
language sql stable parallel safe as
$$ select n, case when n = 1 then app_now() else $2 end, app_now() + lock_out_after(n)
   from (select case when $2 > app_now() - interval '1 day' then $1 + 1 else 1 end) x(n) $$;
