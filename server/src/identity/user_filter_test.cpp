#include "identity/user_filter.hpp"

#include <gtest/gtest.h>

namespace astrotalk::identity {
namespace {

const crypto::keyring& keys() {
    static const crypto::keyring ring(bytes(32, 1));
    return ring;
}

result<user_filter, filter_fault> parse_filter(std::string_view text) {
    return identity::parse_filter(text, phone_plan::india());
}

TEST(user_filter_test, a_phone_is_exact_or_a_prefix) {
    const auto exact = parse_filter("phone_number = \"+919812345670\"");
    ASSERT_TRUE(exact);
    EXPECT_EQ(exact->phone->reveal(), "+919812345670");
    const auto whole = parse_filter("phone_number^=\"+919812345670\"");
    EXPECT_TRUE(whole->phone);
    const auto prefix = parse_filter("phone_number ^= \"+9198\"");
    EXPECT_FALSE(prefix->phone);
    EXPECT_EQ(prefix->phone_prefix->reveal(), "+9198");
    for (const char* everyone : {R"(phone_number ^= "+")", R"(phone_number ^= "")"}) {
        const auto all = parse_filter(everyone);
        EXPECT_FALSE(all->phone || all->phone_prefix || all->nobody) << everyone;
    }
    for (const char* none : {R"(phone_number = "+9198")", R"(phone_number ^= "98")", R"(phone_number = "")"})
        EXPECT_TRUE(parse_filter(none)->nobody) << none;
}

TEST(user_filter_test, an_id_is_exact_or_a_range) {
    const auto exact = parse_filter(R"(sub = "019AAE5F-0000-7000-8000-000000000001")");
    EXPECT_EQ(exact->first, exact->last);
    EXPECT_EQ(exact->first.to_string(), "019aae5f-0000-7000-8000-000000000001");
    const auto range = parse_filter(R"(username ^= "019aae5f-")");
    EXPECT_EQ(range->first.to_string(), "019aae5f-0000-0000-0000-000000000000");
    EXPECT_EQ(range->last.to_string(), "019aae5f-ffff-ffff-ffff-ffffffffffff");
    for (const char* none : {R"(sub = "019aae5f")", R"(sub ^= "019aae5fx")", R"(sub ^= "019aae5f0")",
                             R"(sub = "019aae5f-0000-7000-8000-0000000000012")"})
        EXPECT_TRUE(parse_filter(none)->nobody) << none;
}

TEST(user_filter_test, states_are_told_apart_by_what_fits) {
    EXPECT_EQ(parse_filter(R"(status = "Enabled")")->enabled, true);
    EXPECT_EQ(parse_filter(R"(status = "Disabled")")->enabled, false);
    EXPECT_EQ(parse_filter(R"(status ^= "D")")->enabled, false);
    EXPECT_TRUE(parse_filter(R"(status = "enabled")")->nobody);  // case counts
    EXPECT_EQ(parse_filter(R"(cognito:user_status = "confirmed")")->confirmed, true);
    EXPECT_EQ(parse_filter(R"(cognito:user_status ^= "UNC")")->confirmed, false);
    EXPECT_TRUE(parse_filter(R"(cognito:user_status = "FORCE_CHANGE_PASSWORD")")->nobody);
    const auto both = parse_filter(R"(cognito:user_status ^= "")");
    EXPECT_FALSE(both->confirmed.has_value() || both->nobody);
}

TEST(user_filter_test, what_is_not_a_filter_is_refused) {
    for (const char* text :
         {"", "sub", "=", "= \"x\"", "sub = x", "sub = \"x", "sub = x\"", "sub = \"", R"(sub = "a"b")",
          R"(sub = "a\")", R"(sub = "a\x")", R"(sub == "a")", R"(sub = "a" or sub = "b")", R"(^= "x")"}) {
        const auto parsed = parse_filter(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error(), filter_fault::malformed) << text;
    }
    for (const char* name : {"name", "custom:user_type", "email", "nonsense"}) {
        const auto parsed = parse_filter(std::string(name) + " = \"x\"");
        ASSERT_FALSE(parsed) << name;
        EXPECT_EQ(parsed.error(), filter_fault::not_searchable) << name;
    }
    EXPECT_TRUE(parse_filter(R"("sub" = "a\"b\\")")->nobody);
}

TEST(user_filter_test, prefixes_are_all_the_proper_ones) {
    const auto hashes = prefix_hashes(keys(), personal("+919812345670"));
    ASSERT_EQ(hashes.size(), 11U);
    EXPECT_EQ(hashes.front(), prefix_hash(keys(), "+9"));
    EXPECT_EQ(hashes.back(), prefix_hash(keys(), "+91981234567"));
    EXPECT_EQ(hashes.front().size(), 16U);
    EXPECT_TRUE(prefix_hashes(keys(), personal()).empty());
}

TEST(user_filter_test, a_page_token_is_bound_to_its_list) {
    const auto token = page_token(keys(), "ListUsers:a", "last");
    EXPECT_EQ(open_page_token(keys(), "ListUsers:a", token), "last");
    EXPECT_FALSE(open_page_token(keys(), "ListUsers:b", token));
    EXPECT_FALSE(open_page_token(keys(), "ListUsers:a", token + "A"));
    EXPECT_FALSE(open_page_token(keys(), "ListUsers:a", ""));
    EXPECT_FALSE(open_page_token(keys(), "ListUsers:a", token.substr(0, 22)));
    const crypto::keyring other(bytes(32, 2));
    EXPECT_FALSE(open_page_token(other, "ListUsers:a", token));
}

}  // namespace
}  // namespace astrotalk::identity
