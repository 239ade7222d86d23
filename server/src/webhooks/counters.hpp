// What is counted of webhooks. Thread-safe.
#pragma once

#include <string_view>

#include "webhooks/domain.hpp"

namespace astrotalk::webhooks {

// Outcomes: stored, repeat, conflict, ahead (stored, too), bad_signature, closed, too_large, late, unknown.
void count(const provider& from, std::string_view outcome);
// From when its sender made it to its arrival; and from then until a handler reads it.
void observe_delivery(const provider& from, std::chrono::nanoseconds took);
void observe_lag(std::string_view provider_name, std::chrono::nanoseconds took);

}  // namespace astrotalk::webhooks
