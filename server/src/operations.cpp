#include "operations.hpp"

#include <boost/describe.hpp>

#include "core/clock.hpp"
#include "docs_page.hpp"
#include "http/json.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/process.hpp"

namespace astrotalk::operations {
namespace {

struct health {
    std::string status;
    BOOST_DESCRIBE_CLASS(health, (), (status), (), ())
};

struct readiness {
    std::string status;
    std::optional<std::string> redis;
    BOOST_DESCRIBE_CLASS(readiness, (), (status, redis), (), ())
};

struct clock_move {
    std::int64_t advance_seconds = 0;
    BOOST_DESCRIBE_CLASS(clock_move, (), (advance_seconds), (), ())
};

struct clock_reading {
    instant now;
    BOOST_DESCRIBE_CLASS(clock_reading, (), (now), (), ())
};

task<http::response> alive(service&, http::exchange&) { co_return http::ok(health{"alive"}); }

// Without Redis a node serves, by limits of its own: taking it out of service would make things worse.
task<http::response> ready(service& self, http::exchange&) {
    if (!co_await self.pg.ready())
        co_return http::problem(503, "unavailable", "The database is not available");
    readiness now{"ready", {}};
    if (self.redis) now.redis = self.redis->up() ? "connected" : "away";
    co_return http::ok(now);
}

task<http::response> metrics(service&, http::exchange&) {
    http::response page;
    page.content_type = telemetry::exposition_type;
    page.body = telemetry::exposition();
    telemetry::append_process_metrics(page.body);
    co_return page;
}

task<http::response> docs(service&, http::exchange&) {
    http::response page;
    page.content_type = "text/html; charset=utf-8";
    page.headers.emplace_back("Content-Security-Policy",
                              "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'");
    page.headers.emplace_back("Cache-Control", "public, max-age=300");
    page.body = docs_page;
    co_return page;
}

task<http::response> advance_clock(service&, http::exchange& x) {
    const auto wanted = http::from_json<clock_move>(x.in.body);
    if (!wanted) co_return http::problem(wanted.error());
    clock::advance(std::chrono::seconds(wanted->advance_seconds));
    co_return http::ok(clock_reading{clock::now()});
}

constexpr http::route<service> table[] = {
    {http::verb::get, "/healthz", http::access::anyone, alive},
    {http::verb::get, "/readyz", http::access::anyone, ready},
    {http::verb::get, "/metrics", http::access::anyone, metrics},
    {http::verb::get, "/docs", http::access::anyone, docs},
};
constexpr http::route<service> test_table[] = {
    {http::verb::post, "/test/clock", http::access::anyone, advance_clock},
};

}  // namespace

void mount(http::router& into, service& self) {
    into.mount(self, std::span<const http::route<service>>(table));
    if (self.test_clock) into.mount(self, std::span<const http::route<service>>(test_table));
}

}  // namespace astrotalk::operations
