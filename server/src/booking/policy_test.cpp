#include "booking/policy.hpp"

#include <gtest/gtest.h>

#include "http/json.hpp"

namespace astrotalk::booking {
namespace {

TEST(policy, says_what_the_file_says_and_the_rest_as_built_in) {
    const auto p = parse_policy(R"({"version":"2027","fullRefundHours":48,"commissionBasisPoints":4900,
        "penalty":0,"completedBy":"astrologer"})");
    ASSERT_TRUE(p.has_value()) << p.error();
    policy expected;
    expected.version = "2027";
    expected.full_refund_hours = 48;
    expected.commission_basis_points = 4900;
    expected.penalty = {};
    expected.completed_by = completion::astrologer;
    EXPECT_EQ(*p, expected);
}

// It is kept in a booking as it is written here.
TEST(policy, is_read_as_it_was_written) {
    const policy built_in;
    const auto again = parse_policy(http::to_json(built_in));
    ASSERT_TRUE(again.has_value()) << again.error();
    EXPECT_EQ(*again, built_in);
}

TEST(policy, of_an_operator_has_a_version_and_makes_sense) {
    for (const auto* bad :
         {"", "[]", "{}", R"({"version":""})", R"({"version":"1","fullRefundHours":1})",
          R"({"version":"1","partRefundHours":-1})", R"({"version":"1","partRefundPercent":101})",
          R"({"version":"1","commissionBasisPoints":10001})", R"({"version":"1","apology":-1})",
          R"({"version":"1","penalty":10000001})", R"({"version":"1","settleMinutes":61})",
          R"({"version":"1","checkInMinutes":61})", R"({"version":"1","userNoShowRefundPercent":101})",
          R"({"version":"1","mostReschedules":-1})", R"({"version":"1","rescheduleHours":9999})",
          R"({"version":"1","completedBy":"nobody"})", R"({"version":"1","fullRefundHour":24})"})
        EXPECT_FALSE(parse_policy(bad).has_value()) << bad;
}

}  // namespace
}  // namespace astrotalk::booking
