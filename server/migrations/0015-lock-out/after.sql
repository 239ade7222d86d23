select 'the first failure begins a day', failures = 1 and failed_since = app_now()
from one_more_failure(0, null);
select 'failures of one day add up', failures = 5 and failed_since < app_now()
from one_more_failure(4, app_now() - interval '1 hour');
select 'and lock what has too many of them', locked_until = app_now() + lock_out_after(5)
from one_more_failure(4, app_now() - interval '1 hour');
select 'those of yesterday are forgotten', failures = 1
from one_more_failure(40, app_now() - interval '25 hours');
