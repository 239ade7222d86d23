#include "onboarding/funnel.hpp"

#include <algorithm>
#include <charconv>

#include "http/json.hpp"
#include "onboarding/queries.hpp"
#include "telemetry/metrics.hpp"

namespace astrotalk::onboarding::funnel {
namespace {

using http::exchange;
using http::response;

constexpr std::int32_t usual_days = 30, most_days = 366;

std::int64_t people_at(const std::vector<step>& steps, std::string_view name) {
    const auto found = std::ranges::find(steps, name, &step::name);
    return found == steps.end() ? 0 : found->people;
}

std::optional<std::int32_t> days_of(const http::request& in) {
    const auto asked = in.parameter("days");
    if (!asked) return usual_days;
    std::int32_t days = 0;
    const auto end = asked->data() + asked->size();
    const auto [at, failure] = std::from_chars(asked->data(), end, days);
    if (failure != std::errc{} || at != end || days < 1 || days > most_days) return std::nullopt;
    return days;
}

task<response> get_funnel(service& s, exchange& x) {
    const auto days = days_of(x.in);
    if (!days) co_return http::problem(http::faults{{{"days", "1 to 366"}}});
    co_return http::ok(co_await read(s.pg, *days));
}

constexpr http::route<service> table[] = {
    {http::verb::get, "/v1/admin/onboarding/funnel", http::access::support, get_funnel},
};

}  // namespace

task<report> read(pg::client& pg, std::int32_t days) {
    report made{.days = days, .steps = {}, .kyc_endings = {}, .kyc_attempts = {}, .kyc_completion_rate = {}};
    made.steps = co_await pg.read<step>(sql::read_funnel, days);
    made.kyc_endings = co_await pg.read<ending>(sql::read_kyc_endings, days);
    made.kyc_attempts = co_await pg.read<attempts>(sql::read_kyc_attempts, days);
    const auto started = people_at(made.steps, "kyc_started");
    if (started > 0)
        made.kyc_completion_rate =
            static_cast<double>(people_at(made.steps, "kyc_completed")) / static_cast<double>(started);
    co_return made;
}

task<void> measure(pg::client& pg) {
    for (const auto& each : co_await pg.read<step>(sql::read_funnel, usual_days)) {
        telemetry::gauge_of("astrotalk_onboarding_people",
                            "Of who signed up as an astrologer in the last 30 days, those who came so far.",
                            {{"step", each.name}})
            .set(each.people);
        telemetry::gauge_of("astrotalk_onboarding_step_seconds",
                            "How long the step took the slowest tenth of them, at the least.",
                            {{"step", each.name}})
            .set(each.slow_seconds.value_or(0));
    }
}

std::span<const http::route<service>> routes() { return table; }

}  // namespace astrotalk::onboarding::funnel
