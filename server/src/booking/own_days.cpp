#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "booking/availability.hpp"
#include "booking/queries.hpp"
#include "booking/steps.hpp"
#include "core/clock.hpp"

namespace astrotalk::booking {
namespace {

using std::chrono::days;

constexpr std::int32_t minutes_of_day = 1440;
constexpr std::size_t most_hours = 12, most_days = 100;
constexpr std::int32_t furthest = 366;  // days ahead

struct own_days_row {
    std::string zone;
    std::vector<std::int32_t> overrides;
    BOOST_DESCRIBE_CLASS(own_days_row, (), (zone, overrides), (), ())
};

// The number that `text` is, all of it digits.
std::optional<std::int32_t> digits(std::string_view text) {
    std::int32_t value = 0;
    if (!std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// Minutes since midnight of "HH:MM", 00:00 to 24:00.
std::optional<std::int32_t> minute_named(std::string_view wall) {
    if (wall.size() != 5 || wall[2] != ':') return std::nullopt;
    const auto hour = digits(wall.substr(0, 2)), minute = digits(wall.substr(3));
    if (!hour || !minute || *minute > 59 || *hour * 60 + *minute > minutes_of_day) return std::nullopt;
    return *hour * 60 + *minute;
}

std::string wall_time(std::int32_t minute) { return fmt::format("{:02}:{:02}", minute / 60, minute % 60); }

std::int32_t today_in(const std::string& zone) {
    const auto* known = find_zone(zone);
    if (known == nullptr) throw pg::unavailable();  // as in rules_from
    const auto now = std::chrono::floor<std::chrono::seconds>(clock::now());
    const auto local = now + known->get_info(now).offset;
    return static_cast<std::int32_t>(std::chrono::floor<days>(local).time_since_epoch().count());
}

own_day on_the_wire(const day_hours& from) {
    own_day made{date::format("%F", date::sys_days(days(from.day))), {}};
    for (std::size_t i = 0; i + 1 < from.minutes.size(); i += 2)
        made.hours.push_back({wall_time(from.minutes[i]), wall_time(from.minutes[i + 1])});
    return made;
}

// Changes the list as `change` says, which may refuse, and forgets the days that are over.
template <class F>
task<outcome<void>> change_days(service& s, caller who, std::int32_t day, std::vector<std::int32_t> minutes,
                                F change) {
    const auto name = date::format("%F", date::sys_days(days(day)));
    for (int tries = 0; tries < most_tries; ++tries) {
        const auto row = co_await s.pg.read_one<own_days_row>(sql::read_own_days, who.id);
        if (!row) co_return refusal{error::astrologer_not_found};
        const std::int32_t today = today_in(row->zone);
        auto own = unpack_overrides(row->overrides);
        std::erase_if(own, [&](const day_hours& each) { return each.day < today; });
        if (const auto why = change(own, today)) co_return refusal{*why};
        const auto stored =
            co_await s.pg.write_one<uuid>(sql::set_own_days, who.id, pack_overrides(own), row->overrides,
                                          uuid::v7(), name, minutes, who.request_id);
        if (stored) co_return outcome<void>();
    }
    throw pg::unavailable();
}

}  // namespace

std::vector<std::pair<std::string, std::string>> check(std::span<const wall_hours> hours) {
    std::vector<std::pair<std::string, std::string>> out;
    if (hours.size() > most_hours) out.emplace_back("/hours", fmt::format("at most {} ranges", most_hours));
    for (std::size_t i = 0; i < std::min(hours.size(), most_hours); ++i) {
        const auto start = minute_named(hours[i].start), end = minute_named(hours[i].end);
        if (!start || *start == minutes_of_day)
            out.emplace_back(fmt::format("/hours/{}/start", i), "HH:MM, 00:00 to 23:59");
        if (!end || (start && *end <= *start))
            out.emplace_back(fmt::format("/hours/{}/end", i), "HH:MM after start, at most 24:00");
    }
    return out;
}

std::optional<std::int32_t> day_named(std::string_view name) {
    if (name.size() != 10 || name[4] != '-' || name[7] != '-') return std::nullopt;
    const auto year = digits(name.substr(0, 4)), month = digits(name.substr(5, 2)),
               day = digits(name.substr(8));
    if (!year || !month || !day) return std::nullopt;
    const std::chrono::year_month_day found{std::chrono::year(*year),
                                            std::chrono::month(static_cast<unsigned>(*month)),
                                            std::chrono::day(static_cast<unsigned>(*day))};
    if (!found.ok()) return std::nullopt;
    return static_cast<std::int32_t>(std::chrono::sys_days(found).time_since_epoch().count());
}

task<outcome<std::vector<own_day>>> list_own_days(service& s, user_id astrologer) {
    const auto row = co_await s.pg.read_one<own_days_row>(sql::read_own_days, astrologer);
    if (!row) co_return refusal{error::astrologer_not_found};
    const std::int32_t today = today_in(row->zone);
    std::vector<own_day> listed;
    for (const auto& each : unpack_overrides(row->overrides))
        if (each.day >= today) listed.push_back(on_the_wire(each));
    co_return listed;
}

task<outcome<own_day>> set_own_day(service& s, caller who, std::int32_t day, std::vector<wall_hours> hours) {
    std::vector<std::int32_t> pairs;
    for (const auto& each : hours)
        pairs.insert(pairs.end(), {*minute_named(each.start), *minute_named(each.end)});
    const day_hours made{day, merge_weekly(pairs)};
    const auto done =
        co_await change_days(s, who, day, made.minutes,
                             [made](std::vector<day_hours>& own, std::int32_t today) -> std::optional<error> {
                                 if (made.day < today || made.day > today + furthest)
                                     return error::day_out_of_reach;
                                 std::erase_if(own, [&](auto& each) { return each.day == made.day; });
                                 own.push_back(made);
                                 std::ranges::sort(own, {}, &day_hours::day);
                                 if (own.size() > most_days) return error::too_many;
                                 return std::nullopt;
                             });
    if (!done) co_return done.error();
    co_return on_the_wire(made);
}

task<outcome<void>> drop_own_day(service& s, caller who, std::int32_t day) {
    return change_days(s, std::move(who), day, {},
                       [day](std::vector<day_hours>& own, std::int32_t) -> std::optional<error> {
                           if (std::erase_if(own, [&](auto& each) { return each.day == day; }) == 0)
                               return error::day_not_found;
                           return std::nullopt;
                       });
}

}  // namespace astrotalk::booking
