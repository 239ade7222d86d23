#include "email/address.hpp"

#include <gtest/gtest.h>

namespace astrotalk::email {
namespace {

bool accepted(std::string_view text) { return address::parse(text).has_value(); }

TEST(address, takes_what_people_have) {
    for (const auto* text : {"asha@example.in", "asha.rao+stars@mail.example.co.in", "a@b.co",
                             "o'neil_7@x-y.example", "1@2.in", "x@xn--h1alffa9f.xn--h2brj9c"})
        EXPECT_TRUE(accepted(text)) << text;
    EXPECT_TRUE(accepted(std::string(64, 'a') + "@example.in"));
}

TEST(address, refuses_what_is_none_or_could_be_read_as_more_than_one) {
    for (const auto* text : {"",
                             "@",
                             "asha",
                             "asha@",
                             "@example.in",
                             "asha@example",
                             "asha@@example.in",
                             "a@b@example.in",
                             "asha@example.in, b@example.in",
                             "asha@example.in;b@example.in",
                             "Asha <asha@example.in>",
                             "\"asha\"@example.in",
                             "asha rao@example.in",
                             "asha@exa mple.in",
                             " asha@example.in",
                             "asha@example.in ",
                             ".asha@example.in",
                             "asha.@example.in",
                             "as..ha@example.in",
                             "asha@.example.in",
                             "asha@example.in.",
                             "asha@example..in",
                             "asha@-example.in",
                             "asha@example-.in",
                             "asha@127.0.0.1",
                             "asha@[127.0.0.1]",
                             "asha@exa_mple.in",
                             "asha@example.in\r\nBcc: b@example.in",
                             "asha\n@example.in",
                             "asha\t@example.in",
                             "a\x7f@example.in",
                             "आशा@example.in",
                             "asha@उदाहरण.in"})
        EXPECT_FALSE(accepted(text)) << text;
    EXPECT_FALSE(accepted(std::string_view("a\0b@example.in", 14)));
    EXPECT_FALSE(accepted(std::string(65, 'a') + "@example.in"));
    EXPECT_FALSE(accepted("a@" + std::string(64, 'b') + ".in"));
}

TEST(address, has_at_most_254_characters) {
    const std::string label(60, 'b');
    const std::string fits = std::string(64, 'a') + '@' + label + '.' + label + '.' + label + ".inwxyz";
    EXPECT_EQ(fits.size(), 254u);
    EXPECT_TRUE(accepted(fits));
    EXPECT_FALSE(accepted(fits + 'x'));
}

TEST(address, folds_the_domain_and_keeps_the_rest) {
    EXPECT_EQ(address::parse("Asha.Rao@Example.IN")->reveal(), "Asha.Rao@example.in");
}

TEST(address, shows_a_stranger_its_first_letters) {
    EXPECT_EQ(address::parse("asha@gmail.com")->masked(), "a***@g***");
    EXPECT_EQ(address::parse("A@b.in")->masked(), "A***@b***");
}

TEST(address, says_whose_inbox_it_is_however_it_is_written) {
    for (const auto* text :
         {"asha@example.in", "ASHA@example.in", "asha+1@EXAMPLE.in", "Asha+a+b@example.in"})
        EXPECT_EQ(address::parse(text)->mailbox(), "asha@example.in") << text;
    for (const auto* text : {"asharao@gmail.com", "asha.rao@gmail.com", "A.s.h.a.Rao+x@googlemail.com"})
        EXPECT_EQ(address::parse(text)->mailbox(), "asharao@gmail.com") << text;
    EXPECT_EQ(address::parse("asha.rao@example.in")->mailbox(), "asha.rao@example.in");
    EXPECT_EQ(address::parse("+1@example.in")->mailbox(), "+1@example.in");
    EXPECT_EQ(address::parse("+2@example.in")->mailbox(), "+2@example.in");
}

}  // namespace
}  // namespace astrotalk::email
