#include "core/verhoeff.hpp"

#include <gtest/gtest.h>

#include <string>

namespace astrotalk {
namespace {

// The published examples.
TEST(verhoeff, knows_the_digits_that_others_know) {
    EXPECT_EQ(verhoeff_digit_of("236"), '3');
    EXPECT_EQ(verhoeff_digit_of("12345"), '1');
    EXPECT_EQ(verhoeff_digit_of("142857"), '0');
    EXPECT_EQ(verhoeff_digit_of("123456789012"), '0');
    EXPECT_EQ(verhoeff_digit_of("8473643095483728456789"), '2');
    EXPECT_TRUE(has_verhoeff_digit("2363"));
    EXPECT_FALSE(has_verhoeff_digit("2364"));
}

TEST(verhoeff, each_number_has_one_digit) {
    for (int i = 0; i < 20'000; ++i) {
        const auto number = std::to_string(i * 104'729L);
        int right = 0;
        for (char digit = '0'; digit <= '9'; ++digit) right += has_verhoeff_digit(number + digit) ? 1 : 0;
        EXPECT_EQ(right, 1) << number;
        EXPECT_TRUE(has_verhoeff_digit(number + verhoeff_digit_of(number))) << number;
    }
}

}  // namespace
}  // namespace astrotalk
