#include "digio/person.hpp"

#include <gtest/gtest.h>

#include <regex>

#include "digio/media.hpp"

namespace sandbox::digio {
namespace {

TEST(person_test, follows_from_seed_and_identifier) {
    const auto one = invent(1, "+919876500001");
    EXPECT_EQ(one.pan, invent(1, "+919876500001").pan);
    EXPECT_NE(one.pan, invent(1, "+919876500002").pan);
    EXPECT_NE(one.pan, invent(2, "+919876500001").pan);
    EXPECT_EQ(one.name_on_pan.find_first_of("abcdefghijklmnopqrstuvwxyz"), std::string::npos);
}

TEST(person_test, is_plausible_whoever_it_is) {
    for (int i = 0; i < 500; ++i) {
        const auto who = invent(1, "person" + std::to_string(i) + "@example.in", "Asha Rao");
        EXPECT_TRUE(is_pan(who.pan)) << who.pan;
        EXPECT_EQ(who.pan[4], 'R');  // of the last name
        EXPECT_TRUE(is_four_digits(who.aadhaar_last4));
        EXPECT_GE(who.face_match, 80);
        EXPECT_LE(who.face_match, 100);
        EXPECT_EQ(who.name_on_aadhaar, "Asha Rao");
        EXPECT_LE(who.date_of_birth, "1999-12-31");  // of age
    }
}

TEST(person_test, nobody_has_more_of_an_aadhaar_number_than_its_end) {
    const std::regex full("[0-9]{12}|[0-9]{4} [0-9]{4} [0-9]{4}");
    const auto who = invent(1, "a@example.in");
    EXPECT_EQ(masked_aadhaar(who), "xxxxxxxx" + who.aadhaar_last4);
    for (const auto& file : {aadhaar_xml(who), aadhaar_pdf(who).substr(0, aadhaar_pdf(who).find("xref"))})
        EXPECT_FALSE(std::regex_search(file, full)) << file;
    person_change whole;
    whole.identifier = "a@example.in";
    whole.aadhaar_last4 = "123456789012";
    EXPECT_EQ(fault_of(whole), "aadhaarLast4");
}

TEST(person_test, is_changed_in_what_is_named_only) {
    auto who = invent(1, "a@example.in");
    const auto before = who;
    person_change change;
    change.identifier = "a@example.in";
    change.date_of_birth = "2012-02-29";
    change.face_match = 12;
    EXPECT_EQ(fault_of(change), "");
    apply(change, who);
    EXPECT_EQ(who.date_of_birth_on_pan, "2012-02-29");  // both documents, unless told apart
    EXPECT_EQ(who.face_match, 12);
    EXPECT_EQ(who.pan, before.pan);
    change.date_of_birth = "2011-02-29";
    EXPECT_EQ(fault_of(change), "dateOfBirth");
    change.date_of_birth.reset();
    change.pan = "ABCDE1234F";  // a company's, by its fourth letter
    EXPECT_EQ(fault_of(change), "pan");
}

TEST(person_test, files_are_of_their_formats) {
    const auto who = invent(1, "a@example.in", "Asha (Rao) <b>");
    const auto png = portrait_png(who, 0);
    EXPECT_TRUE(png.starts_with("\x89PNG\r\n\x1a\n"));
    EXPECT_TRUE(png.ends_with("IEND\xae\x42\x60\x82"));  // the checksum that every PNG ends with
    EXPECT_NE(png, portrait_png(who, 1));
    EXPECT_LT(png.size(), 6000u);
    EXPECT_NE(aadhaar_xml(who).find("name=\"Asha (Rao) &lt;b>\""), std::string::npos);
    const auto pdf = pan_pdf(who);
    EXPECT_TRUE(pdf.starts_with("%PDF-1.4\n"));
    EXPECT_NE(pdf.find("(ASHA \\(RAO\\) <B>)"), std::string::npos);
    const auto start = std::stoul(pdf.substr(pdf.find("startxref") + 10));
    EXPECT_EQ(pdf.substr(start, 4), "xref");
    EXPECT_TRUE(recording(who).starts_with("YUV4MPEG2 W96 H120 "));
}

}  // namespace
}  // namespace sandbox::digio
