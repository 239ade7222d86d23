// Where those who sign up as astrologers come to a stand, and how long each step takes them. Counts, no
// people.
//
// Thread safety: calls belong to their client's loop. Errors: an outage throws pg::unavailable.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/task.hpp"
#include "http/http.hpp"
#include "pg/pg.hpp"

namespace astrotalk::onboarding::funnel {

// In the order of the way. Who skipped a step and came further is counted where they came to.
struct step {
    std::string name;  // started, phone_verified, profile, documents, consent, kyc_started, kyc_completed,
                       // approved, first_availability
    std::int64_t people = 0;
    std::optional<std::int64_t> median_seconds,
        slow_seconds;  // since the step before; the 50th and 90th percentile
};
BOOST_DESCRIBE_STRUCT(step, (), (name, people, median_seconds, slow_seconds))

struct ending {
    std::string outcome, cause;  // of a KYC session: approved, failed, …; why, as a code or "none"
    std::int64_t sessions = 0;
};
BOOST_DESCRIBE_STRUCT(ending, (), (outcome, cause, sessions))

struct attempts {
    std::int32_t used = 0;  // attempts of one person that count
    std::int64_t people = 0;
};
BOOST_DESCRIBE_STRUCT(attempts, (), (used, people))

struct report {
    std::int32_t days = 0;
    std::vector<step> steps;
    std::vector<ending> kyc_endings;
    std::vector<attempts> kyc_attempts;
    std::optional<double> kyc_completion_rate;  // of those who started, those who passed
};
BOOST_DESCRIBE_STRUCT(report, (), (days, steps, kyc_endings, kyc_attempts, kyc_completion_rate))

// Of who signed up in the last `days`.
task<report> read(pg::client& pg, std::int32_t days);
// Sets the gauges astrotalk_onboarding_people and astrotalk_onboarding_step_seconds, of the last 30 days.
task<void> measure(pg::client& pg);

struct service {
    pg::client& pg;
};
std::span<const http::route<service>> routes();

}  // namespace astrotalk::onboarding::funnel
