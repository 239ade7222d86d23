#include "sms/templates.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

namespace astrotalk::sms {
namespace {

using texts = std::vector<std::string>;

std::size_t places_in(std::string_view text) {
    std::size_t count = 0;
    for (auto at = text.find("{#var#}"); at != text.npos; at = text.find("{#var#}", at + 1)) ++count;
    return count;
}

TEST(templates, each_is_there_in_both_languages_and_renders_to_what_fits_it_alone) {
    std::set<std::string_view> names;
    for (const auto& each : templates()) {
        EXPECT_TRUE(names.insert(each.name).second) << each.name;
        const auto kind = each.name.substr(0, each.name.size() - 3);
        const auto* english = find_template(std::string(kind) + ".en");
        const auto* hindi = find_template(std::string(kind) + ".hi");
        ASSERT_TRUE(english && hindi) << each.name;
        EXPECT_EQ(places_in(english->text), places_in(hindi->text)) << kind;
        const texts values(places_in(each.text), "आचार्य Meera 7");
        const auto made = write(kind, each.name.ends_with(".hi") ? language::hi : language::en, values);
        EXPECT_EQ(made.template_name, each.name);
        for (const auto& other : templates())
            EXPECT_EQ(fits(other, made.text.reveal()), &other == &each) << other.name << " " << each.name;
        EXPECT_FALSE(fits(each, made.text.reveal() + " "));
    }
}

TEST(templates, the_code_says_what_is_registered) {
    const auto made = write("code", language::en, texts{"123456", "10"});
    EXPECT_EQ(made.text.reveal(),
              "123456 is your AstroTalk code. It is valid for 10 minutes. Do not share it with anyone.");
    EXPECT_FALSE(fits(*find_template("code.en"), "123456 is your AstroTalk code"));
}

TEST(templates, values_that_operators_would_drop_are_refused) {
    const std::string longest = "ab" + std::string(28, 'x');
    EXPECT_NO_THROW(write("code", language::en, texts{longest, "10"}));
    for (const texts& values :
         {texts{longest + "y", "10"}, texts{"", "10"}, texts{"1\n2", "10"}, texts{"1"}, texts{"1", "2", "3"}})
        EXPECT_THROW(write("code", language::en, values), std::logic_error);
    EXPECT_THROW(write("greeting", language::en, {}), std::logic_error);
    EXPECT_FALSE(fits(*find_template("code.en"), longest + "y is your AstroTalk code. It is valid for 10 "
                                                           "minutes. Do not share it with anyone."));
}

TEST(registration, speaks_what_it_has_every_text_of) {
    registration none, english, all;
    for (const auto& each : templates()) {
        if (each.name.ends_with(".en")) english.template_ids.emplace(each.name, "1");
        all.template_ids.emplace(each.name, "1");
    }
    EXPECT_TRUE(none.speaks(language::hi));
    EXPECT_TRUE(english.speaks(language::en));
    EXPECT_FALSE(english.speaks(language::hi));
    EXPECT_TRUE(all.speaks(language::hi));
    all.template_ids.erase("code.hi");
    EXPECT_FALSE(all.speaks(language::hi));
    EXPECT_EQ(language_of("hi"), language::hi);
    EXPECT_EQ(language_of("fr"), language::en);
    EXPECT_EQ(none.language_for("hi"), language::hi);
    EXPECT_EQ(none.language_for(std::nullopt), language::en);
    EXPECT_EQ(english.language_for("hi"), language::en);
}

}  // namespace
}  // namespace astrotalk::sms
