#include "core/masked_phone.hpp"

#include <gtest/gtest.h>

namespace astrotalk {
namespace {

TEST(masked_phone_test, shows_enough_to_recognise_and_too_little_to_call) {
    EXPECT_EQ(masked_phone(personal("+919876541234")), "+91******1234");
    EXPECT_EQ(masked_phone(personal("+97150123456")), "+97******3456");
    EXPECT_EQ(masked_phone(personal("12345")), "******");
    EXPECT_EQ(masked_phone(personal()), "******");
}

}  // namespace
}  // namespace astrotalk
