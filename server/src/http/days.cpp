#include "http/days.hpp"

#include <fmt/format.h>

namespace astrotalk::http {
namespace {

std::optional<instant> day_in(const request& in, std::string_view name) {
    const auto text = in.parameter(name);
    if (!text || text->size() != 10) return std::nullopt;
    return parse_rfc3339(*text + "T00:00:00Z");
}

}  // namespace

result<days, faults> days_of(const request& in) {
    const auto from = day_in(in, "from"), to = day_in(in, "to");
    faults found;
    if (!from) found.list.emplace_back("from", "a day, such as 2026-11-01");
    if (!to || (from && (*to <= *from || *to - *from > most_days)))
        found.list.emplace_back("to", "a day after from, by 92 days at most");
    if (!found.list.empty()) return found;
    return days{*from, *to};
}

std::string day_text(instant at) {
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(at));
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                       static_cast<unsigned>(day.day()));
}

uuid first_id_at(instant at) {
    uuid id;
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count();
    for (std::size_t i = 0; i < 6; ++i)
        id.bytes[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(ms) >> (40 - 8 * i));
    return id;
}

}  // namespace astrotalk::http
