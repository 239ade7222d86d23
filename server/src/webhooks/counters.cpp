#include "webhooks/counters.hpp"

#include "telemetry/metrics.hpp"
#include "webhooks/webhooks.hpp"

namespace astrotalk::webhooks {

namespace {

telemetry::counter& counter_of(const provider& from, std::string_view outcome) {
    return telemetry::counter_of("astrotalk_webhook_events_total", "Webhooks received, by what came of them.",
                                 {{"provider", from.name}, {"outcome", outcome}});
}

}  // namespace

connection connect(const provider& with, secret current, secret previous) {
    for (const auto* outcome :
         {"stored", "repeat", "conflict", "ahead", "bad_signature", "closed", "too_large", "late", "unknown"})
        counter_of(with, outcome);
    return {with, std::move(current), std::move(previous)};
}

void count(const provider& from, std::string_view outcome) { counter_of(from, outcome).add(); }

void observe_delivery(const provider& from, std::chrono::nanoseconds took) {
    telemetry::histogram_of("astrotalk_webhook_delivery_seconds",
                            "From when its sender made an event to its arrival, by the sender's clock.",
                            {{"provider", from.name}})
        .observe(std::max(took, std::chrono::nanoseconds(0)));
}

void observe_lag(std::string_view provider_name, std::chrono::nanoseconds took) {
    telemetry::histogram_of("astrotalk_webhook_lag_seconds",
                            "From an event's arrival until it is worked on, each attempt.",
                            {{"provider", provider_name}})
        .observe(std::max(took, std::chrono::nanoseconds(0)));
}

void count_late(const provider& from) { count(from, "late"); }
void count_unknown(const provider& from) { count(from, "unknown"); }

}  // namespace astrotalk::webhooks
