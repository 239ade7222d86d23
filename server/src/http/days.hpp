// What figures are asked for: days in UTC, half-open, as ?from=2026-11-01&to=2026-12-01.
#pragma once

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "http/json.hpp"

namespace astrotalk::http {

struct days {
    instant from, to;
};
inline constexpr std::chrono::days most_days{92};

// At most `most_days` of them.
result<days, faults> days_of(const request& in);
// "2026-11-01"
std::string day_text(instant at);
// Sorts before every version 7 UUID that is made from then on, and after those before.
uuid first_id_at(instant at);

}  // namespace astrotalk::http
