-- Before each measurement, of the reference and of the product alike: the holds that the last one left would
-- refuse the next, which would then look cheap, or would have to be replaced, which costs more.
update occupancy set status = 'released' where status = 'active' and kind = 'hold';
vacuum analyze occupancy;
