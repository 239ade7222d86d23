#include "onboarding/domain.hpp"

#include <gtest/gtest.h>

namespace astrotalk::onboarding {
namespace {

profile_draft good() {
    return {"पंडित आनंद शास्त्री", "वैदिक ज्योतिष में बीस वर्ष।\nKP too.", {"hi", "en"}, {"vedic", "kp"}, 20,
            "वाराणसी"};
}

std::vector<std::string> pointers(const faults& found) {
    std::vector<std::string> out;
    for (const auto& each : found) out.push_back(each.first);
    return out;
}
using list = std::vector<std::string>;

TEST(profile_check, accepts_hindi) { EXPECT_EQ(pointers(check(good())), list{}); }

TEST(profile_check, counts_code_points_not_bytes) {
    auto draft = good();
    draft.display_name.clear();
    for (int i = 0; i < 60; ++i) draft.display_name += "क";
    EXPECT_EQ(pointers(check(draft)), list{});
    draft.display_name += "क";
    EXPECT_EQ(pointers(check(draft)), list{"/displayName"});
    draft.display_name = "क";
    EXPECT_EQ(pointers(check(draft)), list{"/displayName"});
}

TEST(profile_check, reports_every_fault_at_once) {
    const profile_draft wrong{"A", std::string(2001, 'b'), {"en", "xx"}, {"tea_leaves"},
                              81,  std::string(81, 'c')};
    EXPECT_EQ(pointers(check(wrong)), (list{"/displayName", "/bio", "/languages/1", "/specializations/0",
                                            "/experienceYears", "/city"}));
}

TEST(profile_check, an_unfinished_draft_is_fine_but_cannot_be_submitted) {
    const profile_draft begun{"Asha", "", {}, {}, 0, ""};
    EXPECT_EQ(pointers(check(begun)), list{});
    EXPECT_EQ(pointers(missing({})), (list{"/bio", "/languages", "/specializations", "/city"}));
}

TEST(printable_length, refuses_what_is_not_text) {
    EXPECT_EQ(printable_length("नमस्ते", false), 6u);
    EXPECT_EQ(printable_length("a\nb", true), 3u);
    EXPECT_EQ(printable_length("a\nb", false), std::nullopt);
    EXPECT_EQ(printable_length(std::string_view("a\0b", 3), true), std::nullopt);
    EXPECT_EQ(printable_length("\xe2\x80\xae"
                               "evil",
                               false),
              std::nullopt)
        << "right-to-left override";
    EXPECT_EQ(printable_length("\xe0\xa4\x95\xe2\x80\x8d", false), 2u)
        << "the joiner is part of Hindi spelling";
    for (const char* nothing :
         {"", "   ", "\xe2\x80\x8b\xe2\x80\x8b", "\xc2\xa0 \xe2\x80\x8d", "\xef\xbb\xbf"})
        EXPECT_EQ(printable_length(nothing, false), 0u) << "nobody sees any of it";
    EXPECT_EQ(printable_length("\xc0\xaf", false), std::nullopt) << "overlong";
    EXPECT_EQ(printable_length("\xed\xa0\x80", false), std::nullopt) << "surrogate";
    EXPECT_EQ(printable_length("\xf0\x9f\x94", false), std::nullopt) << "cut short";
    EXPECT_EQ(printable_length("\xf0\x9f\x94\xae", false), 1u);
    EXPECT_EQ(printable_length("\xf5\x80\x80\x80", false), std::nullopt);
}

TEST(tidied, trims_and_drops_repeated_codes) {
    const auto draft =
        tidied({"  Asha \n", " bio\r\nmore ", {"hi", "en", "hi"}, {"kp", "kp"}, 1, "\tDelhi "});
    EXPECT_EQ(draft.display_name, "Asha");
    EXPECT_EQ(draft.bio, "bio\nmore");
    EXPECT_EQ(draft.languages, (list{"hi", "en"}));
    EXPECT_EQ(draft.specializations, list{"kp"});
    EXPECT_EQ(draft.city, "Delhi");
}

// Every combination of what is at, within and beyond the bounds, and off.
TEST(prices, are_off_or_between_one_and_a_thousand_rupees) {
    constexpr std::int64_t huge = std::numeric_limits<std::int64_t>::max();
    const std::optional<money> values[] = {{},          money{100}, money{2500},    money{100'000}, money{0},
                                           money{-100}, money{99},  money{100'001}, money{huge}};
    constexpr std::size_t right = 4;
    for (std::size_t i = 0; i < std::size(values); ++i)
        for (std::size_t j = 0; j < std::size(values); ++j)
            for (std::size_t k = 0; k < std::size(values); ++k) {
                list wrong;
                if (i >= right) wrong.emplace_back("/chat");
                if (j >= right) wrong.emplace_back("/call");
                if (k >= right) wrong.emplace_back("/video");
                const channel_prices sent{values[i], values[j], values[k]};
                EXPECT_EQ(pointers(check(sent)), wrong) << i << ' ' << j << ' ' << k;
                std::optional<money> least;
                for (const auto& each : {values[i], values[j], values[k]})
                    if (each && (!least || *each < *least)) least = each;
                EXPECT_EQ(sent.lowest(), least);
            }
}

TEST(reason, must_say_something) {
    EXPECT_TRUE(check_reason("दस्तावेज़ ठीक हैं").empty());
    EXPECT_EQ(pointers(check_reason("  \n")), list{"/reason"});
    EXPECT_EQ(pointers(check_reason(std::string(501, 'x'))), list{"/reason"});
}

}  // namespace
}  // namespace astrotalk::onboarding
