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

void check_week(faults& out, std::string_view pointer, const std::vector<weekly_rule>& rules) {
    if (rules.size() > most_rules) out.emplace_back(pointer, fmt::format("at most {} rules", most_rules));
    for (std::size_t i = 0; i < std::min(rules.size(), most_rules); ++i) {
        const auto& rule = rules[i];
        if (rule.day < 1 || rule.day > 7)
            out.emplace_back(fmt::format("{}/{}/day", pointer, i), "1 (Monday) to 7 (Sunday)");
        const auto start = minute_of_day(rule.start), end = minute_of_day(rule.end);
        if (!start || *start == minutes_of_day)
            out.emplace_back(fmt::format("{}/{}/start", pointer, i), "HH:MM, 00:00 to 23:59");
        if (!end || (start && *end <= *start))
            out.emplace_back(fmt::format("{}/{}/end", pointer, i), "HH:MM after start, at most 24:00");
    }
}

bool one_of(std::int32_t value, std::span<const std::int32_t> known) {
    return std::ranges::find(known, value) != known.end();
}

void check_lengths(faults& out, const availability& sent) {
    if (!sent.lengths) return;
    if (sent.lengths->empty() || sent.lengths->size() > consultation_lengths.size())
        out.emplace_back("/lengths", "1 to 4 of 15, 30, 45 and 60");
    for (std::size_t i = 0; i < std::min(sent.lengths->size(), consultation_lengths.size()); ++i)
        if (!one_of((*sent.lengths)[i], consultation_lengths))
            out.emplace_back(fmt::format("/lengths/{}", i), "15, 30, 45 or 60");
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
    check_week(out, "/weekly", sent.weekly);
    check_range(out, "/bufferBefore", sent.buffer_before, 0, 120);
    check_range(out, "/bufferAfter", sent.buffer_after, 0, 120);
    check_range(out, "/noticeMinutes", sent.notice_minutes, 0, 10080);
    check_range(out, "/windowDays", sent.window_days, 1, 90);
    if (sent.breaks) check_week(out, "/breaks", *sent.breaks);
    if (sent.slot_interval && !one_of(*sent.slot_interval, slot_intervals))
        out.emplace_back("/slotInterval", "5, 10, 15, 20, 30 or 60");
    check_lengths(out, sent);
    if (sent.free_minutes && !one_of(*sent.free_minutes, free_lengths))
        out.emplace_back("/freeMinutes", "5, 10 or 15, or nothing");
    if (sent.daily_cap) check_range(out, "/dailyCap", *sent.daily_cap, 1, 100);
    if (sent.weekly_cap) check_range(out, "/weeklyCap", *sent.weekly_cap, 1, 500);
    return out;
}

availability completed(availability sent) {
    if (!sent.breaks) sent.breaks.emplace();
    if (!sent.slot_interval) sent.slot_interval = 15;
    if (!sent.lengths) sent.lengths.emplace(consultation_lengths.begin(), consultation_lengths.end());
    std::ranges::sort(*sent.lengths);
    sent.lengths->erase(std::unique(sent.lengths->begin(), sent.lengths->end()), sent.lengths->end());
    return sent;
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
