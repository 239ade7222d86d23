#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "booking/steps.hpp"
#include "core/clock.hpp"
#include "core/json_text.hpp"

namespace astrotalk::booking {
namespace {

// The longest consultation there is: so far after its start a slot may end.
constexpr std::chrono::minutes longest{60};

std::string text_of(std::chrono::seconds offset) {
    const auto minutes = std::chrono::abs(std::chrono::floor<std::chrono::minutes>(offset)).count();
    return fmt::format("{}{:02}:{:02}", offset.count() < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

// date::format goes through a stream: for a month of slots that took longer than all the rest.
std::vector<viewer_day> days_of(std::span<const slot> items, const std::string& zone) {
    std::vector<viewer_day> days;
    const auto* where = find_zone(zone);
    if (where == nullptr) return days;
    date::sys_info here{};
    std::string offset;
    for (const slot& each : items) {
        if (each.starts_at < here.begin || each.starts_at >= here.end) {
            here = where->get_info(std::chrono::floor<std::chrono::seconds>(each.starts_at));
            offset = text_of(here.offset);
        }
        std::string shown;
        append_rfc3339(shown, each.starts_at + here.offset);
        shown.replace(shown.size() - 1, 1, offset);  // instead of the Z
        const std::string_view day(shown.data(), shown.find('T'));
        if (days.empty() || days.back().date != day) days.push_back({std::string(day), {}});
        days.back().starts.push_back(std::move(shown));
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
