select 'who was never told is told', not told_lately(null);
select 'and not again at once', told_lately(app_now());
select 'a sign-in is fresh for ten minutes', is_fresh(app_now() - interval '9 minutes')
    and not is_fresh(app_now() - interval '10 minutes');
