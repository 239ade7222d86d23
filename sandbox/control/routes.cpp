#include "control/routes.hpp"

#include "http/json.hpp"

namespace sandbox::control {
namespace {

namespace http = astrotalk::http;
using astrotalk::task;

struct clock_move {
    std::int32_t advance_seconds = 0;
    BOOST_DESCRIBE_CLASS(clock_move, (), (advance_seconds), (), ())
};
struct clock_reading {
    astrotalk::instant now;
    BOOST_DESCRIBE_CLASS(clock_reading, (), (now), (), ())
};

task<http::response> read(agenda&, http::exchange&) {
    co_return http::ok(clock_reading{astrotalk::clock::now()});
}

// In steps, so that what follows from something falls at its own time and not all at the end.
task<http::response> move(agenda& later, http::exchange& x) {
    const auto wanted = http::from_json<clock_move>(x.in.body);
    if (!wanted) co_return http::problem(wanted.error());
    auto left =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::seconds(wanted->advance_seconds));
    while (left.count() > 0) {
        const auto to_next = later.next().value_or(astrotalk::clock::now() + left) - astrotalk::clock::now();
        const auto step = std::clamp(to_next, std::chrono::microseconds(0), left);
        astrotalk::clock::advance(step);
        left -= step;
        later.run_due();
    }
    co_return http::ok(clock_reading{astrotalk::clock::now()});
}

constexpr http::route<agenda> table[] = {
    {http::verb::get, "/control/clock", http::access::anyone, read},
    {http::verb::post, "/control/clock", http::access::anyone, move},
};

}  // namespace

std::span<const http::route<agenda>> routes() { return table; }

}  // namespace sandbox::control
