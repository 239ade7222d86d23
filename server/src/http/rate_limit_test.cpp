#include "http/rate_limit.hpp"

#include <gtest/gtest.h>

#include <string>

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

}  // namespace
}  // namespace astrotalk::http
