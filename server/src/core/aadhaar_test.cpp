#include "core/aadhaar.hpp"

#include <gtest/gtest.h>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/json_text.hpp"

namespace astrotalk {
namespace {

// UIDAI's own example numbers are of this form; this one is nobody's: 2341 2341 2346.
constexpr const char* number = "234123412346";

std::string pieces(std::string_view between) {
    const std::string whole = number;
    return whole.substr(0, 4) + std::string(between) + whole.substr(4, 4) + std::string(between) +
           whole.substr(8);
}

TEST(aadhaar, is_found_however_it_is_written) {
    for (const std::string& text :
         {std::string(number), pieces(" "), pieces("-"), pieces("."), pieces("/"), pieces("\u00a0"),
          "Aadhaar: " + pieces(" ") + ", thanks", "my aadhaar" + std::string(number) + "x",
          "{\"id\":" + std::string(number) + "}", "_" + std::string(number), "-" + pieces("-") + "-",
          std::string("२३४१ २३४१ २३४६"), pieces(" ") + " 9 May"})
        EXPECT_EQ(count_aadhaar_numbers(text), 1u) << text;
    EXPECT_EQ(count_aadhaar_numbers(pieces(" ") + "\n" + number + ";" + number), 3u);
}

TEST(aadhaar, with_one_digit_wrong_or_two_exchanged_is_none) {
    const std::string whole = number;
    for (std::size_t i = 0; i < whole.size(); ++i)
        for (char digit = '0'; digit <= '9'; ++digit) {
            auto wrong = whole;
            wrong[i] = digit;
            if (wrong != whole) EXPECT_FALSE(holds_aadhaar_number(wrong)) << wrong;
        }
    for (std::size_t i = 0; i + 1 < whole.size(); ++i) {
        auto wrong = whole;
        std::swap(wrong[i], wrong[i + 1]);
        if (wrong != whole) EXPECT_FALSE(holds_aadhaar_number(wrong)) << wrong;
    }
}

TEST(aadhaar, no_phone_is_one) {
    for (int i = 0; i < 20'000; ++i) {
        const auto phone = fmt::format("+91{}{:09}", 6 + i % 4, (i * 7919L) % 1'000'000'000);
        EXPECT_FALSE(holds_aadhaar_number(phone)) << phone;
        EXPECT_FALSE(holds_aadhaar_number(phone.substr(1))) << phone;
        EXPECT_FALSE(holds_aadhaar_number("Call " + phone.substr(0, 3) + " " + phone.substr(3, 5) + " " +
                                          phone.substr(8)));
        const auto digits = phone.substr(1);
        const auto abroad = "+44 " + digits.substr(0, 4) + " " + digits.substr(4, 4) + " " + digits.substr(8);
        EXPECT_FALSE(holds_aadhaar_number(abroad)) << abroad;
    }
}

TEST(aadhaar, no_id_instant_or_amount_is_one) {
    const std::string whole = number;
    EXPECT_TRUE(holds_aadhaar_number(R"({"number":")" + whole + R"("})"));
    const std::vector<std::string> others = {"9f86d081-8842-4234-1234-" + whole,
                                             "019aae5f-2341-2341-2346-123412341234",
                                             whole + "1",
                                             "1" + whole,
                                             pieces(" ") + " 1234",
                                             "1234 " + pieces(" "),
                                             pieces("-") + "-1234",
                                             "abcdef" + whole + "ffffff",
                                             "0." + whole,
                                             whole + ".50",
                                             "034123412346",
                                             "+" + whole,
                                             "+" + pieces(" "),
                                             R"({"accountNumber":")" + whole + R"("})"};
    for (const auto& text : others) EXPECT_EQ(count_aadhaar_numbers(text), 0u) << text;
    for (int i = 0; i < 20'000; ++i) {
        EXPECT_FALSE(holds_aadhaar_number(uuid::v7().to_string()));
        const auto at = instant(std::chrono::seconds(1'795'000'000 + i * 61L));
        std::string text;
        append_rfc3339(text, at);
        EXPECT_FALSE(holds_aadhaar_number(text)) << text;
        const auto micros = std::to_string(at.time_since_epoch().count());
        EXPECT_FALSE(holds_aadhaar_number(micros)) << micros;
        std::string together;
        for (const char c : text.substr(0, 16))
            if (c >= '0' && c <= '9') together += c;
        EXPECT_FALSE(holds_aadhaar_number(together)) << together;
        EXPECT_FALSE(
            holds_aadhaar_number(fmt::format("{{\"price\":{},\"paise\":{}}}", i * 100, i * 99'999L)));
    }
}

}  // namespace
}  // namespace astrotalk
