#include "email/texts.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace astrotalk::email {
namespace {

using texts = std::vector<std::string>;

TEST(texts, are_there_in_both_languages_and_hold_their_values) {
    for (const auto in : {sms::language::en, sms::language::hi}) {
        const auto code = email::write("code", in, texts{"123456", "10"});
        EXPECT_TRUE(code.text.reveal().starts_with("123456 "));
        EXPECT_NE(code.text.reveal().find(" 10 "), std::string::npos);
        EXPECT_EQ(code.text.reveal().find("{}"), std::string::npos);
        EXPECT_EQ(code.subject.find("123456"), std::string::npos);
        EXPECT_FALSE(email::write("changed", in, {}).text.empty());
    }
    EXPECT_NE(email::write("changed", sms::language::en, {}).subject,
              email::write("changed", sms::language::hi, {}).subject);
}

TEST(texts, subjects_are_one_line) {
    for (const auto in : {sms::language::en, sms::language::hi})
        for (const auto& subject :
             {email::write("code", in, texts{"1", "2"}).subject, email::write("changed", in, {}).subject})
            EXPECT_EQ(subject.find_first_of("\r\n"), std::string::npos);
}

TEST(texts, take_exactly_their_values) {
    for (const texts& values : {texts{}, texts{"1"}, texts{"1", "2", "3"}})
        EXPECT_THROW(email::write("code", sms::language::en, values), std::logic_error);
    EXPECT_THROW(email::write("changed", sms::language::en, texts{"1"}), std::logic_error);
    EXPECT_THROW(email::write("greeting", sms::language::en, {}), std::logic_error);
}

}  // namespace
}  // namespace astrotalk::email
