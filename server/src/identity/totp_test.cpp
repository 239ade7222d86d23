#include "identity/totp.hpp"

#include <gtest/gtest.h>

namespace astrotalk::identity {
namespace {

using namespace std::chrono_literals;

const secret rfc_key("12345678901234567890");

instant at(std::int64_t second) { return instant(std::chrono::seconds(second)); }

TEST(totp, rfc_6238) {
    const std::pair<std::int64_t, const char*> vectors[] = {{59, "94287082"},
                                                            {1'111'111'109, "07081804"},
                                                            {1'111'111'111, "14050471"},
                                                            {1'234'567'890, "89005924"},
                                                            {2'000'000'000, "69279037"},
                                                            {20'000'000'000, "65353130"}};
    for (const auto& [second, code] : vectors) {
        const auto step = totp::step_at(at(second));
        EXPECT_EQ(totp::code_at(rfc_key, step, 8).reveal(), code) << second;
        EXPECT_EQ(totp::code_at(rfc_key, step).reveal(), std::string(code).substr(2)) << second;
    }
}

TEST(totp, rfc_4226) {
    const char* codes[] = {"755224", "287082", "359152", "969429", "338314",
                           "254676", "287922", "162583", "399871", "520489"};
    for (std::int64_t i = 0; i < 10; ++i) EXPECT_EQ(totp::code_at(rfc_key, i).reveal(), codes[i]);
}

TEST(totp, a_step_lasts_thirty_seconds) {
    EXPECT_EQ(totp::step_at(at(0)), 0);
    EXPECT_EQ(totp::step_at(at(30) - 1us), 0);
    EXPECT_EQ(totp::step_at(at(30)), 1);
}

TEST(totp, a_code_is_good_one_step_early_and_late_and_no_further) {
    const auto now = at(1'234'567'890);
    const auto step = totp::step_at(now);
    for (const std::int64_t away : {-1, 0, 1})
        EXPECT_EQ(totp::step_of(rfc_key, totp::code_at(rfc_key, step + away).reveal(), now), step + away);
    for (const std::int64_t away : {-3, -2, 2, 3})
        EXPECT_FALSE(totp::step_of(rfc_key, totp::code_at(rfc_key, step + away).reveal(), now)) << away;
}

TEST(totp, what_is_no_code_is_wrong) {
    const auto now = at(59);
    for (const char* bad : {"", "28708", "2870820", "287 082", "287083", "94287082", "२८७०८२"})
        EXPECT_FALSE(totp::step_of(rfc_key, bad, now)) << bad;
}

TEST(totp, keys_have_160_bits_and_are_shown_in_base32) {
    EXPECT_EQ(totp::shown(rfc_key), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    const auto drawn = totp::new_key();
    EXPECT_EQ(drawn.reveal().size(), 20U);
    EXPECT_NE(drawn.reveal(), totp::new_key().reveal());
    EXPECT_EQ(totp::read_key(totp::shown(drawn))->reveal(), drawn.reveal());
    for (const char* bad : {"", "GEZDGNBV", "gezdgnbvgy3tqojqgezdgnbvgy3tqojq", "!"})
        EXPECT_FALSE(totp::read_key(bad)) << bad;
}

}  // namespace
}  // namespace astrotalk::identity
