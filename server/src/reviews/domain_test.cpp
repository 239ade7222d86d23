#include "reviews/domain.hpp"

#include <gtest/gtest.h>

#include <string>

namespace astrotalk::reviews {
namespace {

TEST(review_text, may_not_hold_a_phone_number_however_it_is_written) {
    for (const auto* text : {"9876543210", "call 98765 43210 now", "+91-98765-43210", "(987) 654.3210",
                             "९८७६५४३२१०", "98765४३२१०", "9 8 7 6 5 4 3 2 1 0", "98765\n43210"})
        EXPECT_EQ(fault_of(text, 0, 100), "must not hold a phone number") << text;
    for (const auto* text :
         {"", "5 stars, 10 of 10", "born 14 03 1987", "987654321", "98765 and 43210", "पाँच सितारे"})
        EXPECT_FALSE(fault_of(text, 0, 100)) << text;
}

TEST(review_text, is_bounded_in_characters_and_printable) {
    std::string hindi;
    for (int i = 0; i < 100; ++i) hindi += "ज";
    EXPECT_FALSE(fault_of(hindi, 1, 100));
    EXPECT_TRUE(fault_of(hindi + "ज", 1, 100));
    EXPECT_TRUE(fault_of("", 1, 100));
    EXPECT_TRUE(fault_of(" \n", 1, 100));
    EXPECT_TRUE(fault_of("a\x07", 0, 100));
}

}  // namespace
}  // namespace astrotalk::reviews
