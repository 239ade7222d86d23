#include "administration/domain.hpp"

#include <gtest/gtest.h>

namespace astrotalk::administration {
namespace {

TEST(queue_cursor, comes_back) {
    const queue_position at{instant(std::chrono::microseconds(1'795'000'000'123'456)), uuid::v7()};
    const auto back = from_cursor(to_cursor(at));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->submitted_at, at.submitted_at);
    EXPECT_EQ(back->id, at.id);
}

TEST(queue_cursor, of_somebody_elses_making_is_refused) {
    const auto id = uuid::v7().to_string();
    EXPECT_TRUE(from_cursor("0." + id));
    const std::vector<std::string> others = {"",
                                             ".",
                                             id,
                                             "x." + id,
                                             "-1." + id,
                                             "1." + id + "0",
                                             "1",
                                             "99999999999999999999." + id,
                                             "253402300799000001." + id};
    for (const auto& wrong : others) EXPECT_FALSE(from_cursor(wrong)) << wrong;
}

}  // namespace
}  // namespace astrotalk::administration
