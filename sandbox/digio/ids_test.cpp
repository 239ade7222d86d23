#include "digio/ids.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <set>

namespace sandbox::digio {
namespace {

using namespace std::chrono;

// 18:30:05.250 UTC on the last day of a year is the next year in India.
const astrotalk::instant new_year =
    sys_days(2026y / December / 31) + hours(18) + minutes(30) + seconds(5) + milliseconds(250);

TEST(ids_test, times_are_of_india_and_name_no_zone) {
    EXPECT_EQ(time_in_india(new_year), "2027-01-01 00:00:05");
    EXPECT_EQ(as_date_of_birth("1990-01-31"), "31/01/1990");
}

TEST(ids_test, have_32_characters_and_begin_with_the_moment) {
    id_maker ids(1);
    const auto made = ids.make("KID", new_year);
    EXPECT_EQ(made.size(), 32u);
    EXPECT_TRUE(made.starts_with("KID270101000005250"));
    EXPECT_TRUE(std::regex_match(made, std::regex("KID[0-9]{15}[0-9A-Z]{14}")));
}

TEST(ids_test, follow_from_the_seed_and_never_repeat) {
    id_maker one(7), same(7), other(8);
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto made = one.make("GWT", new_year);
        EXPECT_EQ(made, same.make("GWT", new_year));
        EXPECT_TRUE(seen.insert(made).second);
    }
    EXPECT_FALSE(seen.contains(other.make("GWT", new_year)));
    EXPECT_TRUE(std::regex_match(one.digits(6), std::regex("[0-9]{6}")));
}

}  // namespace
}  // namespace sandbox::digio
