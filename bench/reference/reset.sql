-- Before each script: the holds that the last one left would refuse the next, which would then look cheap.
update occupancy set status = 'released' where status = 'active' and kind = 'hold';
vacuum analyze occupancy;
