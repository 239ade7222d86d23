select 'who is listed is what the astrologer and the account say',
       not exists (select from astrologer a left join listing l on l.id = a.id
                   where l.listed is distinct from
                         (a.status = 'approved' and a.lowest_price is not null
                          and exists (select from pool_user u where u.id = a.id and u.enabled)));
select 'the stars are those of the visible reviews',
       not exists (select from listing l
                   where l.stars <> array(select (select count(*)::int from review r
                                                  where r.astrologer_id = l.id and r.state = 'visible'
                                                    and r.stars = n)
                                          from generate_series(1, 5) n order by n));
select 'a price struck through is above the price',
       exists (select from pg_constraint where conname = 'astrologer_strike');
select 'a booking is reviewed once', exists (select from pg_constraint where conname = 'review_one_each');
select 'words of Devanagari stay whole', words_of('ज्योतिष, वास्तु') = array['ज्योतिष', 'वास्तु'];
select 'typing errors are found in Devanagari too',
       similarity('ज्योतिष', 'ज्योतीष') > 0.3 and similarity('ज्योतिष', 'वास्तु') < 0.3;
