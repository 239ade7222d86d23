#include "identity/domain.hpp"

#include <gtest/gtest.h>

namespace astrotalk::identity {
namespace {

TEST(phone_number, one_form_for_every_way_of_writing_it) {
    for (const char* text : {"+919876543210", "+91 98765 43210", "+91-98765-43210", "+91 (987) 654.3210"}) {
        const auto phone = phone_number::parse(text, phone_plan::india());
        ASSERT_TRUE(phone) << text;
        EXPECT_EQ(phone->reveal(), "+919876543210");
    }
}

TEST(phone_number, only_mobiles_of_served_countries) {
    for (const char* text :
         {"", "+", "9876543210", "919876543210", "00919876543210", "+911234567890", "+91987654321",
          "+9198765432100", "+15005550006", "+91 98765 4321a", "+91\n9876543210", "++919876543210",
          "+9198765432१०", "somebody", "+91                                    9876543210"})
        EXPECT_FALSE(phone_number::parse(text, phone_plan::india())) << text;
}

TEST(phone_number, a_stranger_sees_four_digits) {
    EXPECT_EQ(phone_number::parse("+919876543210", phone_plan::india())->masked(), "+********3210");
}

TEST(user_kind, nothing_beyond_user_and_astrologer) {
    EXPECT_EQ(parse_user_kind("user"), user_kind::user);
    EXPECT_EQ(parse_user_kind("astrologer"), user_kind::astrologer);
    for (const char* text : {"", "admin", "User", "astrologer ", "user,admin"})
        EXPECT_FALSE(parse_user_kind(text));
}

TEST(acceptable_name, counts_characters) {
    EXPECT_TRUE(acceptable_name("Asha"));
    EXPECT_TRUE(acceptable_name("आशा"));
    EXPECT_FALSE(acceptable_name(""));
    EXPECT_FALSE(acceptable_name("Asha 2341 2341 2346")) << "an Aadhaar number";
    EXPECT_FALSE(acceptable_name("a\nb"));
    EXPECT_FALSE(acceptable_name(std::string(101, 'a')));
}

}  // namespace
}  // namespace astrotalk::identity
