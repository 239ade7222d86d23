#include "intake/domain.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "core/aadhaar.hpp"
#include "onboarding/onboarding.hpp"

namespace astrotalk::intake {
namespace {

using namespace std::chrono;

constexpr std::size_t longest_name = 100;
constexpr year_month_day earliest{1900y / January / 1};

personal trimmed(const personal& text) { return personal(onboarding::trimmed(text.reveal())); }

// Digits only: from_chars would take a sign.
std::optional<int> number(std::string_view text) {
    int value = 0;
    if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    const auto [at, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failure == std::errc{} ? std::optional(value) : std::nullopt;
}

std::optional<year_month_day> date_of(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto y = number(text.substr(0, 4)), m = number(text.substr(5, 2)), d = number(text.substr(8, 2));
    if (!y || !m || !d) return std::nullopt;
    const year_month_day found{year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d))};
    return found.ok() ? std::optional(found) : std::nullopt;
}

std::optional<minutes> time_of(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    const auto h = number(text.substr(0, 2)), m = number(text.substr(3, 2));
    if (!h || !m || *h > 23 || *m > 59) return std::nullopt;
    return hours(*h) + minutes(*m);
}

const date::time_zone* find_zone(const std::string& name) {
    try {
        return name.empty() || name.size() > 64 ? nullptr : date::locate_zone(name);
    } catch (const std::runtime_error&) {
        return nullptr;
    }
}

// What the clocks showed, before anything is known of the zone.
date::local_seconds wall_time(year_month_day on, minutes at) {
    return date::local_seconds(sys_days(on).time_since_epoch() + at);
}

// Nothing where clocks never showed it.
std::optional<moment> moment_at(const date::local_info& found, date::local_seconds wall, occurrence which) {
    if (found.result == date::local_info::nonexistent) return std::nullopt;
    const bool second = found.result == date::local_info::ambiguous && which == occurrence::second;
    const auto offset = second ? found.second.offset : found.first.offset;
    return moment{instant(wall.time_since_epoch() - offset), offset};
}

void check_text(faults& out, const char* pointer, const personal& text) {
    const auto length = onboarding::printable_length(text.reveal(), false);
    if (!length || *length < 1 || *length > longest_name)
        out.emplace_back(pointer, fmt::format("1 to {} printable characters", longest_name));
    else if (holds_aadhaar_number(text.reveal()))
        out.emplace_back(pointer, no_aadhaar_number);
}

void check_degrees(faults& out, const char* pointer, double value, double most) {
    if (!std::isfinite(value) || std::abs(value) > most)
        out.emplace_back(pointer, fmt::format("degrees from {} to {}", -most, most));
}

void check_time(faults& out, const birth& sent, year_month_day on, const date::time_zone& zone, instant now) {
    constexpr const char* not_later = "not in the future";
    const auto at = sent.birth_time ? time_of(sent.birth_time->reveal()) : std::nullopt;
    const auto today = floor<days>(now.time_since_epoch() + zone.get_info(now).offset);
    if (sys_days(on).time_since_epoch() > today) {
        out.emplace_back("/birthDate", not_later);
        return;
    }
    if (!at) {
        if (sent.which_of_two) out.emplace_back("/whichOfTwo", "nothing without a time");
        return;
    }
    const auto wall = wall_time(on, *at);
    const auto found = zone.get_info(wall);
    const auto when = moment_at(found, wall, sent.which_of_two.value_or(occurrence::first));
    if (!when)
        out.emplace_back("/birthTime",
                         "a time that clocks showed there that day: they were set forward over it");
    else if (when->at > now)
        out.emplace_back("/birthTime", not_later);
    if (sent.which_of_two && found.result != date::local_info::ambiguous)
        out.emplace_back("/whichOfTwo", "nothing: clocks showed that time once");
}

}  // namespace

birth tidied(birth sent) {
    sent.name = trimmed(sent.name);
    sent.place.name = trimmed(sent.place.name);
    return sent;
}

faults faults_of(const birth& sent, instant now) {
    faults found;
    check_text(found, "/name", sent.name);
    const auto on = date_of(sent.birth_date.reveal());
    const bool dated = on && sys_days(*on) >= sys_days(earliest);
    if (!dated) found.emplace_back("/birthDate", "a day since 1900, such as 1990-02-28");
    if (sent.time_unknown && sent.birth_time)
        found.emplace_back("/birthTime", "nothing when the time is unknown");
    if (!sent.time_unknown && (!sent.birth_time || !time_of(sent.birth_time->reveal())))
        found.emplace_back("/birthTime", "00:00 to 23:59, or timeUnknown");
    check_text(found, "/place/name", sent.place.name);
    check_degrees(found, "/place/latitude", sent.place.latitude, 90);
    check_degrees(found, "/place/longitude", sent.place.longitude, 180);
    const auto* zone = find_zone(sent.place.zone);
    if (!zone) found.emplace_back("/place/zone", "the IANA name of a time zone, such as Asia/Kolkata");
    if (zone && dated) check_time(found, sent, *on, *zone, now);
    return found;
}

std::optional<moment> moment_of(const birth& of) {
    const auto on = date_of(of.birth_date.reveal());
    const auto at = of.birth_time ? time_of(of.birth_time->reveal()) : std::nullopt;
    const auto* zone = find_zone(of.place.zone);
    if (!on || !at || !zone) return std::nullopt;
    const auto wall = wall_time(*on, *at);
    return moment_at(zone->get_info(wall), wall, of.which_of_two.value_or(occurrence::first));
}

std::string offset_text(seconds offset) {
    const auto whole = std::abs(offset.count());
    auto text = fmt::format("{}{:02}:{:02}", offset.count() < 0 ? '-' : '+', whole / 3600, whole / 60 % 60);
    if (whole % 60) text += fmt::format(":{:02}", whole % 60);
    return text;
}

std::string tidied_question(std::string_view sent) {
    auto text = onboarding::trimmed(sent);
    std::erase(text, '\r');
    return text;
}

faults faults_of_question(std::string_view question) {
    const auto length = onboarding::printable_length(question, true);
    if (!length || *length < 1 || *length > longest_question)
        return {{"/question", fmt::format("1 to {} printable characters", longest_question)}};
    if (holds_aadhaar_number(question)) return {{"/question", std::string(no_aadhaar_number)}};
    return {};
}

closed closed_for_changes(std::string_view state, instant starts_at, instant now) {
    if (state == "cancelled") return closed::cancelled;
    return state != "confirmed" || starts_at <= now ? closed::started : closed::no;
}

bool astrologer_may_see(std::string_view state, instant ends_at, instant now) {
    return (state == "confirmed" || state == "completed") && now < ends_at + seen_after_end;
}

}  // namespace astrotalk::intake
