#include "http/rate_limit.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

namespace astrotalk::http {
namespace {
using namespace std::chrono_literals;

TEST(rate_limit_test, a_bucket_empties_refuses_and_refills) {
    rate_limiter limiter({2, 3});
    const auto start = std::chrono::steady_clock::now() + 1s;
    for (int left = 2; left >= 0; --left) {
        const auto v = limiter.take("10.0.0.1", start);
        EXPECT_TRUE(v.allowed);
        EXPECT_EQ(v.remaining, left);
    }
    const auto refused = limiter.take("10.0.0.1", start);
    EXPECT_FALSE(refused.allowed);
    EXPECT_EQ(refused.retry_after_seconds, 1);
    EXPECT_TRUE(limiter.take("10.0.0.2", start).allowed);
    EXPECT_TRUE(limiter.take("10.0.0.1", start + 500ms).allowed);
    EXPECT_FALSE(limiter.take("10.0.0.1", start + 501ms).allowed);
}

TEST(rate_limit_test, a_slow_rate_says_how_long_to_wait) {
    rate_limiter limiter({0.1, 1});
    const auto start = std::chrono::steady_clock::now() + 1s;
    EXPECT_TRUE(limiter.take("a", start).allowed);
    EXPECT_EQ(limiter.take("a", start).retry_after_seconds, 10);
}

TEST(rate_limit_test, memory_is_bounded_and_a_crowd_does_not_forgive_debts) {
    rate_limiter limiter({0.001, 1}, 8);
    const auto start = std::chrono::steady_clock::now() + 1s;
    int allowed = 0;
    for (int i = 0; i < 1000; ++i) allowed += limiter.take(std::to_string(i), start).allowed;
    EXPECT_LE(allowed, 8);
}

TEST(rate_limit_test, a_thread_that_looked_at_the_clock_earlier_refills_nothing) {
    rate_limiter limiter({1, 1000});
    const auto start = std::chrono::steady_clock::now() + 1s;
    int allowed = 0;
    for (int i = 0; i < 1002; ++i)
        allowed += limiter.take("a", start - std::chrono::milliseconds(i % 2)).allowed;
    EXPECT_LT(allowed, 1002);
}

TEST(rate_limit_test, many_threads_get_no_more_than_one) {
    rate_limiter limiter({0.001, 1000});
    const auto start = std::chrono::steady_clock::now() + 1s;
    std::atomic<int> allowed{0};
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&] {
                for (int i = 0; i < 1000; ++i) {
                    allowed += limiter.take("10.0.0.1", start).allowed;
                    limiter.take(std::to_string(i), start);
                }
            });
    }
    EXPECT_EQ(allowed, 1000);
}

}  // namespace
}  // namespace astrotalk::http
