#include "privacy/notices.hpp"

#include <gtest/gtest.h>

#include "http/json.hpp"

namespace astrotalk::privacy {
namespace {

constexpr auto contact = "privacy@astrotalk.example";

std::string all_of(const notice& n) { return http::to_json(n.text); }

const notice& in_language(const std::vector<notice>& all, std::string_view language) {
    for (const auto& each : all)
        if (each.language == language) return each;
    throw std::logic_error("no notice in that language");
}

// Act s.5, Rule 3.
TEST(law, a_notice_is_itemised_and_says_what_each_item_is_for) {
    for (const auto& each : notices(contact)) {
        EXPECT_EQ(each.text.items.size(), 7u) << each.language;
        for (const auto& item : each.text.items) {
            EXPECT_FALSE(item.data.empty());
            EXPECT_FALSE(item.purpose.empty());
        }
    }
    const auto all = notices(contact);
    const auto english = all_of(in_language(all, "en"));
    for (const auto* word :
         {"PAN", "last four digits of your Aadhaar", "face", "video call", "name", "date of birth", "place",
          "Digio", "one year", "withdraw", "Data Protection Board of India", "grievance officer"})
        EXPECT_NE(english.find(word), std::string::npos) << word;
}

// Act s.5, Rule 3: it stands alone, and Act s.6(1): nothing is agreed to beforehand.
TEST(law, a_notice_stands_alone_and_nothing_is_ticked) {
    const auto all = notices(contact);
    const auto english = all_of(in_language(all, "en"));
    EXPECT_NE(english.find("not part of our terms of use"), std::string::npos);
    EXPECT_NE(english.find("nothing is ticked"), std::string::npos);
    EXPECT_EQ(english.find("By continuing"), std::string::npos);
}

// Act s.6(3).
TEST(law, a_notice_is_there_in_english_and_hindi_with_the_same_parts) {
    const auto all = notices(contact);
    const auto &english = in_language(all, "en"), &hindi = in_language(all, "hi");
    EXPECT_EQ(english.text.items.size(), hindi.text.items.size());
    EXPECT_EQ(english.text.sections.size(), hindi.text.sections.size());
    for (const auto& section : hindi.text.sections)
        EXPECT_NE(section.text.find("\xe0\xa4"), std::string::npos) << section.heading;
}

// Act ss. 6 and 13: whom to complain to, in every language. UIDAI: an alternative, and no refusal.
TEST(law, a_notice_says_whom_to_complain_to_and_that_aadhaar_is_not_needed) {
    for (const auto& each : notices(contact)) {
        int named = 0;
        for (const auto& section : each.text.sections)
            named += section.text.find(contact) != std::string::npos ? 1 : 0;
        EXPECT_EQ(named, 2) << each.language;
    }
    const auto all = notices(contact);
    EXPECT_NE(all_of(in_language(all, "en")).find("You need not use Aadhaar"), std::string::npos);
    EXPECT_NE(all_of(in_language(all, "hi")).find("आधार का उपयोग करना ज़रूरी नहीं"), std::string::npos);
}

}  // namespace
}  // namespace astrotalk::privacy
