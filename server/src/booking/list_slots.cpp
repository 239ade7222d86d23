#include <date/tz.h>

#include <algorithm>
#include <ranges>

#include "booking/steps.hpp"
#include "core/clock.hpp"

namespace astrotalk::booking {
namespace {

// The longest consultation there is: so far after its start a slot may end.
constexpr std::chrono::minutes longest{60};

std::vector<viewer_day> days_of(std::span<const slot> items, const std::string& zone) {
    std::vector<viewer_day> days;
    const auto* where = find_zone(zone);
    if (where == nullptr) return days;
    for (const slot& each : items) {
        const date::zoned_time at(where, std::chrono::floor<std::chrono::seconds>(each.starts_at));
        auto day = date::format("%F", at);
        if (days.empty() || days.back().date != day) days.push_back({std::move(day), {}});
        days.back().starts.push_back(date::format("%FT%T%Ez", at));
    }
    return days;
}

}  // namespace

task<outcome<slot_page>> list_slots(service& s, user_id who, user_id astrologer, range within,
                                    std::int32_t minutes, channel by,
                                    std::optional<std::string> viewer_zone) {
    const range seen{within.from, within.to + longest};
    const auto known = co_await read_calendar(s.pg, astrologer, who, seen);
    if (!known) co_return refusal{error::astrologer_not_found};
    const bool free = minutes == 0;
    if (free) minutes = known->row.free_minutes.value_or(0);
    const auto price = price_of(known->row, by, minutes, free);
    if (!price) co_return refusal{price.error()};

    const std::chrono::minutes length(minutes);
    slot_page page{*known->row.zone, minutes, by, *price * minutes, {}, {}, {}};
    const auto starts = slots(known->by, known->out, within, length, clock::now());
    page.items.reserve(starts.size());
    for (const instant at : starts) page.items.push_back({at, at + length});
    if (viewer_zone) {
        page.days = days_of(page.items, *viewer_zone);
        page.viewer_zone = std::move(viewer_zone);
    }
    co_return page;
}

task<std::optional<next_slots>> find_next_slots(service& s, user_id who, user_id astrologer,
                                                std::chrono::days horizon, std::size_t most) {
    const instant now = clock::now();
    const range within{now, now + horizon};
    const auto known = co_await read_calendar(s.pg, astrologer, who, {within.from, within.to + longest});
    if (!known) co_return std::nullopt;
    next_slots found;
    found.minutes = *std::ranges::min_element(known->row.lengths);
    found.channel = *std::ranges::find_if(every_channel,
                                          [&](channel by) { return known->row.prices->of(by).has_value(); });
    const std::chrono::minutes length(found.minutes);
    for (const instant at : slots(known->by, known->out, within, length, now) | std::views::take(most))
        found.items.push_back({at, at + length});
    co_return found;
}

}  // namespace astrotalk::booking
