#include "core/aadhaar.hpp"

#include <gtest/gtest.h>

#include <random>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/json_text.hpp"
#include "core/masked_aadhaar.hpp"
#include "core/verhoeff.hpp"

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

// Numbers as UIDAI makes them, but for those that begin like an Indian phone or hold what may be a day.
class numbers {
  public:
    explicit numbers(std::uint32_t seed) : dice_(seed) {}
    std::size_t below(std::size_t bound) { return dice_() % bound; }
    std::string next() {
        std::string made(1, static_cast<char>('2' + below(8)));
        while (made.size() < 11) made += static_cast<char>('0' + below(10));
        if (made.starts_with("91") && made[2] >= '6') made[2] = static_cast<char>('0' + below(6));
        if (made.starts_with("20")) made[1] = '1';
        if (made.substr(4, 2) == "19" || made.substr(4, 2) == "20") made[4] = '3';
        return made + verhoeff_digit_of(made);
    }
    const char* of(std::span<const char* const> list) { return list[below(list.size())]; }

  private:
    std::mt19937 dice_;
};

constexpr const char* blanks[] = {" ", "  ", "\u00a0", "\u2009", "\u202f", "\u3000", "\t", "\u00a0 "};
constexpr const char* dashes[] = {"-", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212", "\uff0d"};
constexpr const char* others[] = {"/", ". ", " . ", " - ", " \u2013 ", "\u00b7 ", "--", "\u2013\u2013"};
// The zeros of the scripts of the Constitution's Eighth Schedule, and of full width.
constexpr char32_t zeros[] = {U'0',      U'\u0966', U'\u09e6', U'\u0a66', U'\u0ae6', U'\u0b66', U'\u0be6',
                              U'\u0c66', U'\u0ce6', U'\u0d66', U'\u06f0', U'\u1c50', U'\uabf0', U'\uff10'};

std::string digit_of(char32_t zero, char digit) {
    const char32_t c = zero + static_cast<char32_t>(digit - '0');
    if (c < 0x80) return std::string(1, static_cast<char>(c));
    const auto tail = [&](int shift) { return static_cast<char>(0x80 | ((c >> shift) & 0x3f)); };
    if (c < 0x800) return {static_cast<char>(0xc0 | (c >> 6)), tail(0)};
    return {static_cast<char>(0xe0 | (c >> 12)), tail(6), tail(0)};
}

TEST(aadhaar, property_a_number_is_found_in_every_writing) {
    numbers any(20'261'123);
    constexpr std::array<std::array<std::size_t, 3>, 3> groups = {{{4, 4, 4}, {4, 8, 0}, {8, 4, 0}}};
    for (int i = 0; i < 20'000; ++i) {
        const auto whole = any.next();
        const auto& parts = groups[any.below(groups.size())];
        const auto one_zero = zeros[any.below(std::size(zeros))];
        const bool mixed = any.below(4) == 0;
        std::string text;
        std::size_t at = 0;
        for (const auto size : parts) {
            if (size == 0) break;
            const auto kind = any.below(3);
            if (at > 0) text += kind == 0 ? any.of(blanks) : kind == 1 ? any.of(dashes) : any.of(others);
            for (std::size_t n = 0; n < size; ++n)
                text += digit_of(mixed ? zeros[any.below(std::size(zeros))] : one_zero, whole[at++]);
        }
        EXPECT_EQ(count_aadhaar_numbers(text), 1u) << text;
        EXPECT_EQ(count_aadhaar_numbers("Aadhaar: " + text + ", thanks"), 1u) << text;
        std::string together;
        for (const char c : whole)
            together += digit_of(mixed ? zeros[any.below(std::size(zeros))] : one_zero, c);
        EXPECT_EQ(count_aadhaar_numbers("x " + together + " y"), 1u) << together;
    }
}

TEST(aadhaar, what_has_no_width_hides_nothing) {
    EXPECT_TRUE(holds_aadhaar_number("2341\u200b2341\u200b2346"));
    EXPECT_TRUE(holds_aadhaar_number("2341\u200d 2341\u2060-2346"));
    EXPECT_TRUE(holds_aadhaar_number("23\u00ad4123412346"));
}

TEST(aadhaar, no_grouped_phone_is_one) {
    numbers any(91);
    for (int i = 0; i < 20'000; ++i) {
        std::string phone = "91";
        phone += static_cast<char>('6' + any.below(4));
        while (phone.size() < 11) phone += static_cast<char>('0' + any.below(10));
        phone += verhoeff_digit_of(phone);  // the worst of them
        const auto part = [&](std::size_t from, std::size_t size) { return phone.substr(from, size); };
        const std::string gap = any.of(blanks), dash = any.of(dashes);
        for (const auto& text :
             {phone, "+" + phone, part(0, 2) + gap + part(2, 10),
              "+91" + dash + part(2, 5) + gap + part(7, 5), part(0, 4) + gap + part(4, 4) + gap + part(8, 4),
              part(0, 4) + dash + part(4, 8), part(0, 8) + gap + part(8, 4),
              part(0, 2) + gap + part(2, 4) + gap + part(6, 6)})
            EXPECT_EQ(count_aadhaar_numbers(text), 0u) << text;
    }
}

TEST(aadhaar, a_payment_reference_is_none_where_one_is_expected) {
    const std::string whole = number;
    for (const auto& text :
         {R"({"paymentReference":")" + whole + R"("})", R"({"paymentReference": ")" + whole + R"("})",
          R"({"accountNumber": ")" + whole + R"("})", "UPI ref. no. " + whole, "utr:" + whole,
          "Refund of RRN #" + whole + ", twice paid", "UPI Transaction ID: " + whole,
          R"({"utr":")" + whole + R"("})"})
        EXPECT_EQ(count_aadhaar_numbers(text), 0u) << text;
    for (const auto& text :
         {"ref. no. " + whole, "UPI 12, " + whole, "Aadhaar for UPI is " + whole, "UPI ref " + pieces(" "),
          "soupi " + whole, R"({"myaccountNumber":")" + whole + R"("})", "UPI " + whole + ", " + whole})
        EXPECT_EQ(count_aadhaar_numbers(text), 1u) << text;
}

TEST(aadhaar, no_fraction_day_or_row_of_years_is_one) {
    const auto with_digit = [](std::string d) { return d + verhoeff_digit_of(d); };
    EXPECT_FALSE(holds_aadhaar_number("2341.23412346"));
    EXPECT_FALSE(holds_aadhaar_number("23412341.2346"));
    for (int i = 0; i < 1000; ++i) {
        const auto day = fmt::format("20{:02}{:02}{:02}", 10 + i % 30, 1 + i % 12, 1 + i % 28);
        const auto with_time = with_digit(day + fmt::format("{:03}", i));
        EXPECT_FALSE(holds_aadhaar_number(with_time.substr(0, 8) + " " + with_time.substr(8))) << with_time;
        const auto years = fmt::format("20{:02} - 20{:02} / 20{:02}", i % 40, i / 40, i % 37);
        EXPECT_FALSE(holds_aadhaar_number(years)) << years;
    }
    // A number of twice the length, in pairs.
    EXPECT_FALSE(holds_aadhaar_number("23412341-2346-1234"));
    EXPECT_FALSE(holds_aadhaar_number("1234 23412341 2346"));
}

TEST(aadhaar, what_is_kept_although_it_holds_one_keeps_four_digits_of_it) {
    EXPECT_EQ(with_masked_aadhaar_numbers("no number, 12 of 34"), "no number, 12 of 34");
    EXPECT_EQ(with_masked_aadhaar_numbers(R"({"id":")" + std::string(number) + R"("})"),
              R"({"id":"XXXXXXXX2346"})");
    EXPECT_EQ(with_masked_aadhaar_numbers("आधार २३४१ २३४१ २३४६, और " + pieces("\u2013") + "."),
              "आधार XXXXXXXX2346, और XXXXXXXX2346.");
    numbers any(7);
    for (int i = 0; i < 2'000; ++i) {
        std::string text = "कुंडली ";
        for (std::size_t n = any.below(5); n > 0; --n)
            text += any.next() + any.of(blanks) + "\u0915 " + any.of(others);
        EXPECT_FALSE(holds_aadhaar_number(with_masked_aadhaar_numbers(text))) << text;
    }
}

// A body of a megabyte that is all candidates is looked at in milliseconds; in quadratic time, for minutes.
TEST(aadhaar, takes_time_that_is_linear_in_the_text) {
    for (const std::string& unit :
         {"234123412346a", "2341 2341 2346 ", "23412341 ", "2341-", "upi ", "2341\u200b"}) {
        std::string text;
        while (text.size() < (1u << 20)) text += unit;
        const auto began = std::chrono::steady_clock::now();
        count_aadhaar_numbers(text);
        EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5)) << unit;
    }
}

}  // namespace
}  // namespace astrotalk
