-- A price for a minute of each channel, where one was for all of them; what is sold says by which.
alter table astrologer add chat_price bigint, add call_price bigint, add video_price bigint;
update astrologer
set chat_price = price_per_minute, call_price = price_per_minute, video_price = price_per_minute
where price_per_minute is not null;
drop index astrologer_listed;
alter table astrologer drop column price_per_minute;
alter table astrologer
    add lowest_price bigint generated always as (least(chat_price, call_price, video_price)) stored,
    add constraint astrologer_price check (least(chat_price, call_price, video_price) >= 100
                                           and greatest(chat_price, call_price, video_price) <= 100000);
create index astrologer_listed on astrologer (id) where status = 'approved' and lowest_price is not null;
create index astrologer_by_price on astrologer (lowest_price, id)
    where status = 'approved' and lowest_price is not null;
create index astrologer_by_chat_price on astrologer (chat_price, id)
    where status = 'approved' and chat_price is not null;
create index astrologer_by_call_price on astrologer (call_price, id)
    where status = 'approved' and call_price is not null;
create index astrologer_by_video_price on astrologer (video_price, id)
    where status = 'approved' and video_price is not null;

-- Of a minute by that channel, by the cheapest when it is null; null where it is off.
create function price_on(a astrologer, by_channel text) returns bigint language sql immutable parallel safe as
$$
select case by_channel when 'chat' then a.chat_price when 'call' then a.call_price
                       when 'video' then a.video_price else a.lowest_price end
$$;

-- What was sold before is of the channel that has the others in it.
alter table occupancy add channel text default 'video'
    constraint occupancy_channel check (channel in ('chat', 'call', 'video'));
alter table occupancy alter channel drop default,
    add constraint occupancy_sold check (kind not in ('hold', 'booking')
                                         or (channel is not null and price_per_minute is not null));
alter table booking add channel text not null default 'video'
    constraint booking_channel check (channel in ('chat', 'call', 'video'));
alter table booking alter channel drop default;
