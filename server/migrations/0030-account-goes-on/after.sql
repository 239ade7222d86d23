select 'what is stored about people asks whether they are still there',
       (select count(*) >= 10 from pg_trigger where tgname = 'goes_on');
