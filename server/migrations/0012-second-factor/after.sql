-- Each row is an assertion: its name, and whether it holds.
select 'nobody is asked for what they need not have',
       factor_demand('{}', null) is null and factor_demand('{astrologer}', 'verified') is null;
select 'who enabled a factor is asked for its code', factor_demand('{}', 'enabled') = 'code';
select 'staff set one up, and cannot do without',
       factor_demand('{admin}', null) = 'set_up' and factor_demand('{support,user}', null) = 'set_up'
       and factor_demand('{admin}', 'verified') = 'code';
select 'nobody has passed a factor before there was one',
       not exists (select from refresh_family where second_factor);
