#include "identity/profile.hpp"

#include <gtest/gtest.h>

namespace astrotalk::identity {
namespace {

profile_draft whole() { return {personal("Asha Rao"), "hi", personal("Pune"), true}; }

std::string pointers(const profile_draft& draft) {
    std::string all;
    for (const auto& [pointer, expected] : faults_of(draft)) all += pointer;
    return all;
}

TEST(profile, is_whole_or_says_what_is_wrong) {
    EXPECT_EQ(pointers(whole()), "");
    EXPECT_EQ(pointers({}), "/name/language/city/adult");
    auto draft = whole();
    draft.language = "HI";
    EXPECT_EQ(pointers(draft), "/language");
    draft.language = "fr";
    EXPECT_EQ(pointers(draft), "/language");
    draft = whole();
    draft.name = personal(std::string(101, 'a'));
    draft.city = personal("Pu\nne");
    draft.adult = false;
    EXPECT_EQ(pointers(draft), "/name/city/adult");
}

TEST(profile, lengths_are_counted_in_characters) {
    auto draft = whole();
    std::string hindi;
    for (int i = 0; i < 100; ++i) hindi += "आ";
    draft.name = personal(hindi);
    EXPECT_EQ(pointers(draft), "");
}

TEST(profile, spaces_around_a_text_are_no_text) {
    auto draft = whole();
    draft.name = personal("  Asha  Rao ");
    draft.city = personal("   ");
    const auto tidy = tidied(draft);
    EXPECT_EQ(tidy.name.reveal(), "Asha  Rao");
    EXPECT_EQ(pointers(tidy), "/city");
}

}  // namespace
}  // namespace astrotalk::identity
