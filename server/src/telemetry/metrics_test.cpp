#include "telemetry/metrics.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace astrotalk::telemetry {
namespace {

using namespace std::chrono_literals;

bool exposes(const std::string& line) {
    const auto text = "\n" + exposition();
    return text.find("\n" + line + "\n") != std::string::npos;
}

TEST(metrics, a_counter_is_found_again_and_adds_up_over_threads) {
    auto& c = counter_of("test_counted_total", "Counted.", {{"who", "a"}});
    EXPECT_EQ(&c, &counter_of("test_counted_total", "Other help.", {{"who", "a"}}));
    EXPECT_NE(&c, &counter_of("test_counted_total", "Counted.", {{"who", "b"}}));
    std::vector<std::thread> threads;
    for (int i = 0; i < 12; ++i)
        threads.emplace_back([&c] {
            for (int n = 0; n < 1000; ++n) c.add();
        });
    for (auto& t : threads) t.join();
    EXPECT_EQ(c.value(), 12'000u);
    EXPECT_TRUE(exposes("# TYPE test_counted_total counter"));
    EXPECT_TRUE(exposes("# HELP test_counted_total Counted."));
    EXPECT_TRUE(exposes("test_counted_total{who=\"a\"} 12000"));
    EXPECT_TRUE(exposes("test_counted_total{who=\"b\"} 0"));
}

TEST(metrics, a_histogram_puts_a_bound_into_its_own_bucket_and_exposes_them_cumulatively) {
    auto& h = histogram_of("test_took_seconds", "Took.");
    h.observe(100us);
    h.observe(100us + 1ns);
    h.observe(1h);
    h.observe(-5ms);  // a clock that went back is not an underflow
    EXPECT_TRUE(exposes("test_took_seconds_bucket{le=\"0.0001\"} 2"));
    EXPECT_TRUE(exposes("test_took_seconds_bucket{le=\"0.00025\"} 3"));
    EXPECT_TRUE(exposes("test_took_seconds_bucket{le=\"5\"} 3"));
    EXPECT_TRUE(exposes("test_took_seconds_bucket{le=\"+Inf\"} 4"));
    EXPECT_TRUE(exposes("test_took_seconds_count 4"));
    EXPECT_EQ(h.read().sum, 1h + 200us + 1ns);
}

TEST(metrics, label_values_are_escaped) {
    counter_of("test_escaped_total", "Escaped.", {{"v", "a\"b\\c\nd"}}).add(3);
    EXPECT_TRUE(exposes("test_escaped_total{v=\"a\\\"b\\\\c\\nd\"} 3"));
}

TEST(metrics, gauges_are_set_and_watched_ones_are_read_when_asked) {
    gauge_of("test_level", "Level.").set(-7);
    EXPECT_TRUE(exposes("test_level -7"));
    double now = 1.5;
    {
        watched_gauge first("test_watched", "Watched.", [&now] { return now; });
        watched_gauge second("test_watched", "Watched.", [] { return 10.0; });
        now = 2.5;
        EXPECT_TRUE(exposes("test_watched 12.5"));
    }
    EXPECT_EQ(exposition().find("test_watched"), std::string::npos);
}

TEST(metrics, requests_and_statements_are_counted_by_their_labels) {
    request("GET /test/{id}", 200, 3ms);
    request("GET /test/{id}", 404, 3ms);
    request("GET /test/{id}", 404, 3ms);
    statement("test.find_it", 2ms, false);
    statement("test.find_it", 2ms, true);
    EXPECT_TRUE(exposes("astrotalk_http_responses_total{route=\"GET /test/{id}\",status=\"404\"} 2"));
    EXPECT_TRUE(
        exposes("astrotalk_http_request_duration_seconds_bucket{route=\"GET /test/{id}\",le=\"0.005\"} 3"));
    EXPECT_TRUE(exposes("astrotalk_statement_duration_seconds_count{statement=\"test.find_it\"} 2"));
    EXPECT_TRUE(exposes("astrotalk_statement_failures_total{statement=\"test.find_it\"} 1"));
}

TEST(metrics, the_process_is_described) {
    const auto text = exposition();
    for (const auto* name :
         {"process_cpu_seconds_total ", "process_resident_memory_bytes ", "process_open_fds ",
          "process_threads ", "process_start_time_seconds ", "process_max_fds "})
        EXPECT_NE(text.find(std::string("\n") + name), std::string::npos) << name;
}

}  // namespace
}  // namespace astrotalk::telemetry
