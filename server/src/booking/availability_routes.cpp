#include "booking/availability.hpp"
#include "booking/steps.hpp"
#include "core/clock.hpp"
#include "http/json.hpp"

namespace astrotalk::booking {
namespace {

using http::exchange;
using http::problem;
using http::response;

template <class T>
struct list {
    std::vector<T> items;
    BOOST_DESCRIBE_CLASS(list, (), (items), (), ())
};

response no_content() {
    response done;
    done.status = 204;
    return done;
}

http::faults fault(std::string pointer, std::string expected) {
    return {{{std::move(pointer), std::move(expected)}}};
}

struct hours_request {
    std::vector<wall_hours> hours;
    BOOST_DESCRIBE_CLASS(hours_request, (), (hours), (), ())
};

task<response> get_own_days(service& s, exchange& x) {
    auto days = co_await list_own_days(s, x.caller());
    if (!days) co_return refused(days.error());
    co_return http::ok(list<own_day>{std::move(*days)});
}

task<response> put_own_day(service& s, exchange& x) {
    const auto day = day_named(x.path_values[0]);
    if (!day) co_return problem(fault("date", "YYYY-MM-DD, a day of the calendar"));
    auto sent = http::from_json<hours_request>(x.in.body);
    if (!sent) co_return problem(sent.error());
    if (auto found = check(sent->hours); !found.empty()) co_return problem(http::faults{std::move(found)});
    const auto stored = co_await set_own_day(s, caller_of(x), *day, std::move(sent->hours));
    co_return stored ? http::ok(*stored) : refused(stored.error());
}

task<response> delete_own_day(service& s, exchange& x) {
    const auto day = day_named(x.path_values[0]);
    if (!day) co_return refused({error::day_not_found});
    const auto dropped = co_await drop_own_day(s, caller_of(x), *day);
    co_return dropped ? no_content() : refused(dropped.error());
}

task<response> get_time_off(service& s, exchange& x) {
    co_return http::ok(list<time_off_line>{co_await list_time_off(s, x.caller())});
}

task<response> post_time_off(service& s, exchange& x) {
    const auto asked = http::from_json<time_off_request>(x.in.body);
    if (!asked) co_return problem(asked.error());
    const instant now = clock::now();
    const auto year = std::chrono::days(366);
    if (asked->to <= asked->from || asked->to > asked->from + year)
        co_return problem(fault("/to", "after from, by at most 366 days"));
    if (asked->to <= now || asked->to > now + 2 * year)
        co_return problem(fault("/to", "in the future, at most two years ahead"));
    co_return answered(co_await take_time_off(s, caller_of(x), *x.idempotency, *asked));
}

task<response> delete_time_off(service& s, exchange& x) {
    const auto id = occupancy_id::parse(x.path_values[0]);
    if (!id || !co_await end_time_off(s, caller_of(x), *id)) co_return refused({error::time_off_not_found});
    co_return no_content();
}

using enum http::access;
using http::idempotent;
using http::verb;

constexpr http::route<service> table[] = {
    {verb::get, "/v1/astrologer/availability/overrides", astrologer, get_own_days},
    {verb::put, "/v1/astrologer/availability/overrides/{date}", astrologer, put_own_day},
    {verb::delete_, "/v1/astrologer/availability/overrides/{date}", astrologer, delete_own_day},
    {verb::get, "/v1/astrologer/time-off", astrologer, get_time_off},
    {verb::post, "/v1/astrologer/time-off", astrologer, post_time_off, idempotent::required},
    {verb::delete_, "/v1/astrologer/time-off/{id}", astrologer, delete_time_off},
};

}  // namespace

std::span<const http::route<service>> availability_routes() { return table; }

}  // namespace astrotalk::booking
