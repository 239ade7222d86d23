#include "http/breaker.hpp"

#include <gtest/gtest.h>

namespace astrotalk::http {
namespace {

using namespace std::chrono_literals;

TEST(breaker, opens_after_failures_in_a_row_and_lets_one_try) {
    breaker guard({.failures = 3, .rest = 10s});
    const breaker::time_point t{};
    guard.failed(t);
    guard.failed(t);
    guard.succeeded();
    guard.failed(t);
    guard.failed(t);
    EXPECT_TRUE(guard.allows(t)) << "a success in between begins anew";
    guard.failed(t);
    EXPECT_FALSE(guard.allows(t + 9s));
    EXPECT_TRUE(guard.open(t + 9s));
    EXPECT_TRUE(guard.allows(t + 10s));
    EXPECT_FALSE(guard.allows(t + 10s)) << "only one tries";
    guard.failed(t + 11s);
    EXPECT_FALSE(guard.allows(t + 20s));
    EXPECT_TRUE(guard.allows(t + 21s));
    guard.succeeded();
    EXPECT_TRUE(guard.allows(t + 21s));
    EXPECT_TRUE(guard.allows(t + 21s));
}

}  // namespace
}  // namespace astrotalk::http
