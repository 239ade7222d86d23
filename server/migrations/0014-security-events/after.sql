select 'a lock that is over is not told', wrong_code_detail(app_now()) is null;
select 'a lock says until when',
       wrong_code_detail(app_now() + interval '1 hour') like '{"lockedUntil" : "____-__-__T%Z"}';
