// What payments came to: recharges and how they ended, failures, refunds, and what the platform's accounts
// moved by.
//
// Thread safety: a service and its calls belong to one loop. Errors: an outage throws pg::unavailable.
#pragma once

#include <span>

#include "core/money.hpp"
#include "http/days.hpp"
#include "pg/pg.hpp"

namespace astrotalk::recharge::figures {

struct service {
    pg::client& pg;
};

struct total {
    std::string name;  // a state, a code, an account
    std::int64_t count = 0;
    money amount;
};
BOOST_DESCRIBE_STRUCT(total, (), (name, count, amount))

struct report {
    std::string from, to;                       // days in UTC, half-open
    std::vector<total> recharges;               // started then, by state now; what is to be paid for them
    std::vector<total> failures;                // of those, by the provider's code of the last one
    std::vector<total> payments;                // seen then: credited and stray
    std::vector<total> refunds;                 // asked for then, by state now
    std::vector<total> accounts;                // the platform's: journals that touched them, and by how much
    std::optional<double> paid_rate;            // of what was started
    std::optional<std::int64_t> usual_seconds;  // from start to credit, of the middle one
};
BOOST_DESCRIBE_STRUCT(report, (),
                      (from, to, recharges, failures, payments, refunds, accounts, paid_rate, usual_seconds))

task<report> read(pg::client& pg, http::days of);

std::span<const http::route<service>> routes();

}  // namespace astrotalk::recharge::figures
