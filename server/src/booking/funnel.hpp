// From looking to a consultation that took place: how many come how far, and where they turn back. Counts, no
// people.
//
// The first steps are requests that only read. They are counted in memory (and so are metrics), and a duty of
// each node adds what came since to the day's row: a crash loses some seconds of them. A count whose answer
// from the database was lost is added again. What was booked and what became of it is exact.
// Thread safety: `saw`, `held` and `refused_hold` may be called from any thread; a tally and the rest belong
// to one loop. Errors: an outage throws pg::unavailable.
#pragma once

#include <boost/describe.hpp>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/task.hpp"
#include "http/days.hpp"
#include "pg/pg.hpp"

namespace astrotalk::booking::funnel {

// A request that was answered; most are none of the steps.
void saw(std::string_view route, int status);
void held();
void refused_hold(std::string_view code);  // from a closed set

// What this process has counted and the database has not yet. One for the process.
class tally {
  public:
    task<void> flush(pg::client& pg);

  private:
    std::map<std::pair<std::string, std::string>, std::uint64_t> flushed_;  // by step and code
};

// In the order of the way: listing, profile, slots (requests), hold (holds), booked, completed (bookings made
// in that time). Rates are of the step before, and above 1 where one request led to several.
struct step {
    std::string name;
    std::int64_t times = 0;
    std::optional<double> rate;
};
BOOST_DESCRIBE_STRUCT(step, (), (name, times, rate))

struct refusal_count {
    std::string code;
    std::int64_t times = 0;
};
BOOST_DESCRIBE_STRUCT(refusal_count, (), (code, times))

struct cancellation_count {
    std::string by;      // user, astrologer, admin
    std::string notice;  // day: at least one before the start; hours: at least two; late
    std::int64_t bookings = 0;
};
BOOST_DESCRIBE_STRUCT(cancellation_count, (), (by, notice, bookings))

struct no_show_count {
    std::string by;  // user, astrologer, unknown
    std::int64_t bookings = 0;
};
BOOST_DESCRIBE_STRUCT(no_show_count, (), (by, bookings))

struct report {
    std::string from, to;  // days in UTC, half-open
    std::vector<step> steps;
    std::vector<refusal_count> refused_holds;
    std::vector<cancellation_count> cancellations;
    std::vector<no_show_count> no_shows;
    std::optional<double> cancellation_rate;  // of the bookings
    std::optional<double> no_show_rate;       // of those that ended by being held or not
};
BOOST_DESCRIBE_STRUCT(report, (),
                      (from, to, steps, refused_holds, cancellations, no_shows, cancellation_rate,
                       no_show_rate))

task<report> read(pg::client& pg, http::days of);
// Sets the gauge astrotalk_bookings_made, by state, of the last 24 hours.
task<void> measure(pg::client& pg);

struct service {
    pg::client& pg;
};
std::span<const http::route<service>> routes();

}  // namespace astrotalk::booking::funnel
