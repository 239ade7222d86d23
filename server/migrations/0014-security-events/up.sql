-- What the audit log says of a wrong code: until when its phone is locked, if it is.
create function wrong_code_detail(locked_until timestamptz) returns text language sql stable parallel safe as
$$ select case when locked_until > app_now()
               then json_build_object('lockedUntil', to_char(locked_until at time zone 'UTC',
                                                             'YYYY-MM-DD"T"HH24:MI:SS"Z"'))::text end $$;
