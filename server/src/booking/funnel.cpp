#include "booking/funnel.hpp"

#include <algorithm>
#include <mutex>

#include "booking/queries.hpp"
#include "http/json.hpp"
#include "telemetry/metrics.hpp"

namespace astrotalk::booking::funnel {
namespace {

using http::exchange;
using http::response;
using key = std::pair<std::string, std::string>;

constexpr const char* refused = "hold_refused";

// Every counter there is, by step and code: a handful.
struct counters {
    std::mutex guard;
    std::map<key, telemetry::counter*> all;
};
counters& known() {
    static counters made;
    return made;
}

telemetry::counter& counter_of(std::string_view step_name, std::string_view code) {
    auto& counted = code.empty()
                        ? telemetry::counter_of(
                              "astrotalk_booking_steps_total",
                              "Steps on the way to a booking: requests that were answered, and holds made.",
                              {{"step", step_name}})
                        : telemetry::counter_of("astrotalk_holds_refused_total",
                                                "Holds that were refused, and why.", {{"code", code}});
    const std::lock_guard lock(known().guard);
    known().all.emplace(key(step_name, code), &counted);
    return counted;
}

struct outcome_row {
    std::string state, cancelled_by, notice, no_show_by;
    std::int64_t bookings = 0;
};
BOOST_DESCRIBE_STRUCT(outcome_row, (), (state, cancelled_by, notice, no_show_by, bookings))

struct counted_row {
    std::string step, code;
    std::int64_t times = 0;
};
BOOST_DESCRIBE_STRUCT(counted_row, (), (step, code, times))

std::optional<double> share(std::int64_t part, std::int64_t whole) {
    if (whole <= 0) return std::nullopt;
    return static_cast<double>(part) / static_cast<double>(whole);
}

std::int64_t bookings_in(const std::vector<outcome_row>& rows, std::string_view state) {
    std::int64_t sum = 0;
    for (const auto& row : rows)
        if (state.empty() || row.state == state) sum += row.bookings;
    return sum;
}

void add_steps(report& to, const std::vector<counted_row>& engaged, const std::vector<outcome_row>& made) {
    const auto times = [&](std::string_view name) {
        const auto found = std::ranges::find(engaged, name, &counted_row::step);
        return found == engaged.end() ? 0 : found->times;
    };
    std::optional<std::int64_t> before;
    const auto add = [&](std::string name, std::int64_t count) {
        to.steps.push_back({std::move(name), count, before ? share(count, *before) : std::nullopt});
        before = count;
    };
    for (const auto* name : {"listing", "profile", "slots", "hold"}) add(name, times(name));
    add("booked", bookings_in(made, ""));
    add("completed", bookings_in(made, "completed"));
}

task<response> get_funnel(service& s, exchange& x) {
    const auto of = http::days_of(x.in);
    if (!of) co_return http::problem(of.error());
    co_return http::ok(co_await read(s.pg, *of));
}

constexpr http::route<service> table[] = {
    {http::verb::get, "/v1/admin/bookings/funnel", http::access::support, get_funnel},
};

}  // namespace

void saw(std::string_view route, int status) {
    if (status != 200 && status != 304) return;
    constexpr std::string_view listing = "GET /v1/astrologers", profile = "GET /v1/astrologers/{id}",
                               slots = "GET /v1/astrologers/{id}/slots";
    static auto& seen_listing = counter_of("listing", "");
    static auto& seen_profile = counter_of("profile", "");
    static auto& seen_slots = counter_of("slots", "");
    if (route == listing) seen_listing.add();
    if (route == profile) seen_profile.add();
    if (route == slots) seen_slots.add();
}

void held() {
    static auto& made = counter_of("hold", "");
    made.add();
}

void refused_hold(std::string_view code) { counter_of(refused, code).add(); }

task<void> tally::flush(pg::client& pg) {
    std::vector<std::string> steps, codes;
    std::vector<std::int64_t> times;
    std::map<key, std::uint64_t> counted;
    {
        const std::lock_guard lock(known().guard);
        for (const auto& [name, counter] : known().all) counted.emplace(name, counter->value());
    }
    for (const auto& [name, value] : counted) {
        const auto since = value - flushed_[name];
        if (since == 0) continue;
        steps.push_back(name.first);
        codes.push_back(name.second);
        times.push_back(static_cast<std::int64_t>(since));
    }
    if (steps.empty()) co_return;
    co_await pg.execute(sql::add_engagement, steps, codes, times);
    flushed_ = std::move(counted);
}

task<report> read(pg::client& pg, http::days of) {
    report made;
    made.from = http::day_text(of.from);
    made.to = http::day_text(of.to);
    const auto engaged = co_await pg.read<counted_row>(sql::read_engagement, of.from, of.to);
    const auto outcomes = co_await pg.read<outcome_row>(sql::count_outcomes, http::first_id_at(of.from),
                                                        http::first_id_at(of.to));
    add_steps(made, engaged, outcomes);
    for (const auto& row : engaged)
        if (row.step == refused) made.refused_holds.push_back({row.code, row.times});
    for (const auto& row : outcomes) {
        if (row.state == "cancelled")
            made.cancellations.push_back({row.cancelled_by, row.notice, row.bookings});
        if (row.state == "no_show") made.no_shows.push_back({row.no_show_by, row.bookings});
    }
    const auto missed = bookings_in(outcomes, "no_show");
    made.cancellation_rate = share(bookings_in(outcomes, "cancelled"), bookings_in(outcomes, ""));
    made.no_show_rate = share(missed, missed + bookings_in(outcomes, "completed"));
    co_return made;
}

task<void> measure(pg::client& pg) {
    const auto now = clock::now();
    const auto outcomes = co_await pg.read<outcome_row>(
        sql::count_outcomes, http::first_id_at(now - std::chrono::hours(24)), http::first_id_at(now));
    for (const auto* state : {"confirmed", "cancelled", "completed", "no_show"})
        telemetry::gauge_of("astrotalk_bookings_made",
                            "Of the bookings made in the last 24 hours, those in that state now.",
                            {{"state", state}})
            .set(bookings_in(outcomes, state));
}

std::span<const http::route<service>> routes() { return table; }

}  // namespace astrotalk::booking::funnel
