#include "identity/phone_rules.hpp"

#include <gtest/gtest.h>

namespace astrotalk::identity {
namespace {

TEST(phone_rules, patterns) {
    const struct {
        const char *pattern, *digits;
        bool fits;
    } rows[] = {
        {"7d{3}", "7123", true},
        {"7d{3}", "712", false},
        {"7d{3}", "71234", false},
        {"[2-47]1", "31", true},
        {"[2-47]1", "71", true},
        {"[2-47]1", "51", false},
        {"(12|3)4?5", "1245", true},
        {"(12|3)4?5", "35", true},
        {"(12|3)4?5", "1235", false},
        {"d{2,4}9", "129", true},
        {"d{2,4}9", "12349", true},
        {"d{2,4}9", "19", false},
        {"(1(2|3d)){2}", "1213", false},
        {"(1(2|3d)){2}", "12139", true},
        {"1|2|", "", true},
        {"d{1,20}", "123456789012345678901", false},
    };
    for (const auto& row : rows)
        EXPECT_EQ(matches(row.pattern, row.digits), row.fits) << row.pattern << " " << row.digits;
}

TEST(phone_rules, a_plan_serves_its_countries_only) {
    const std::string wanted[] = {"IN", "GB"};
    const auto plan = phone_plan::of(wanted);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->find("919876543210")->country, "IN");
    EXPECT_EQ(plan->find("447400123456")->country, "GB");
    EXPECT_FALSE(plan->find("12015550123"));
    EXPECT_FALSE(plan->find("442079460000"));  // a fixed line
    EXPECT_FALSE(phone_plan::india().find("447400123456"));
    const std::string unknown[] = {"IN", "XX"};
    EXPECT_FALSE(phone_plan::of(unknown));
    EXPECT_FALSE(phone_plan::of({}));
}

TEST(phone_rules, indian_series_that_operators_have_not_got) {
    EXPECT_TRUE(phone_plan::india().find("916001234567"));
    EXPECT_FALSE(phone_plan::india().find("916111234567"));
    EXPECT_FALSE(phone_plan::india().find("918022345678"));  // a fixed line of Bengaluru
}

}  // namespace
}  // namespace astrotalk::identity
