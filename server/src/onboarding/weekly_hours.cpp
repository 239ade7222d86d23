#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>

#include "core/verify.hpp"
#include "onboarding/domain.hpp"

namespace astrotalk::onboarding {
namespace {

constexpr std::size_t most_rules = 84;  // twelve a day

void check_range(faults& out, const char* pointer, std::int32_t value, std::int32_t least,
                 std::int32_t most) {
    if (value < least || value > most) out.emplace_back(pointer, fmt::format("{} to {}", least, most));
}

std::string wall_time(std::int32_t minute) { return fmt::format("{:02}:{:02}", minute / 60, minute % 60); }

}  // namespace

std::optional<std::int32_t> minute_of_day(std::string_view wall_time) {
    const auto digit = [&](std::size_t i) {
        return wall_time[i] >= '0' && wall_time[i] <= '9' ? wall_time[i] - '0' : 99;
    };
    if (wall_time.size() != 5 || wall_time[2] != ':') return std::nullopt;
    const std::int32_t hour = digit(0) * 10 + digit(1), minute = digit(3) * 10 + digit(4);
    if (digit(1) > 9 || digit(4) > 9 || minute > 59 || hour * 60 + minute > minutes_of_day)
        return std::nullopt;
    return hour * 60 + minute;
}

faults check(const availability& sent) {
    faults out;
    if (!known_zone(sent.zone)) out.emplace_back("/zone", "an IANA time zone, such as Asia/Kolkata");
    if (sent.weekly.size() > most_rules)
        out.emplace_back("/weekly", fmt::format("at most {} rules", most_rules));
    for (std::size_t i = 0; i < std::min(sent.weekly.size(), most_rules); ++i) {
        const auto& rule = sent.weekly[i];
        if (rule.day < 1 || rule.day > 7)
            out.emplace_back(fmt::format("/weekly/{}/day", i), "1 (Monday) to 7 (Sunday)");
        const auto start = minute_of_day(rule.start), end = minute_of_day(rule.end);
        if (!start || *start == minutes_of_day)
            out.emplace_back(fmt::format("/weekly/{}/start", i), "HH:MM, 00:00 to 23:59");
        if (!end || (start && *end <= *start))
            out.emplace_back(fmt::format("/weekly/{}/end", i), "HH:MM after start, at most 24:00");
    }
    check_range(out, "/bufferBefore", sent.buffer_before, 0, 120);
    check_range(out, "/bufferAfter", sent.buffer_after, 0, 120);
    check_range(out, "/noticeMinutes", sent.notice_minutes, 0, 10080);
    check_range(out, "/windowDays", sent.window_days, 1, 90);
    return out;
}

std::vector<std::int32_t> to_minutes(std::span<const weekly_rule> rules) {
    std::vector<std::pair<std::int32_t, std::int32_t>> spans;
    for (const auto& rule : rules) {
        const auto start = minute_of_day(rule.start), end = minute_of_day(rule.end);
        verify(start && end && rule.day >= 1 && rule.day <= 7);
        const std::int32_t midnight = (rule.day - 1) * minutes_of_day;
        spans.emplace_back(midnight + *start, midnight + *end);
    }
    std::ranges::sort(spans);
    std::vector<std::int32_t> minutes;
    for (const auto& [start, end] : spans) {
        if (!minutes.empty() && start <= minutes.back()) {
            minutes.back() = std::max(minutes.back(), end);
        } else {
            minutes.push_back(start);
            minutes.push_back(end);
        }
    }
    return minutes;
}

std::vector<weekly_rule> to_rules(std::span<const std::int32_t> minutes) {
    std::vector<weekly_rule> rules;
    for (std::size_t i = 0; i + 1 < minutes.size(); i += 2) {
        for (std::int32_t from = minutes[i]; from < minutes[i + 1];) {
            const std::int32_t day = from / minutes_of_day, midnight = day * minutes_of_day;
            const std::int32_t until = std::min(minutes[i + 1], midnight + minutes_of_day);
            rules.push_back({day + 1, wall_time(from - midnight), wall_time(until - midnight)});
            from = until;
        }
    }
    return rules;
}

bool known_zone(std::string_view name) {
    if (name.empty() || name.size() > 64) return false;
    const auto& zones = date::get_tzdb().zones;  // sorted by name
    const auto found = std::ranges::lower_bound(
        zones, name, {}, [](const auto& zone) { return std::string_view(zone.name()); });
    return found != zones.end() && found->name() == name;
}

}  // namespace astrotalk::onboarding
