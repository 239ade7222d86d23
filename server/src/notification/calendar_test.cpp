#include "notification/calendar.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace astrotalk::notification {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

calendar_entry example(const std::string& zone, instant at) {
    return {.id = *booking_id::parse("0193a5b2-7c1e-7d3a-9b55-2f1a6c0d4e91"),
            .starts_at = at,
            .ends_at = at + 30min,
            .created_at = at - 48h,
            .zone = zone,
            .astrologer_name = "Meera, \"Joshi\"; Ujjain",
            .channel = "chat"};
}
const instant winter = sys_days(std::chrono::year(2026) / 11 / 24) + 11h;

// Without the folds, by lines.
std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t from = 0; from < text.size();) {
        const auto end = text.find("\r\n", from);
        const auto line = text.substr(from, end - from);
        EXPECT_LE(line.size(), 75u) << line;
        if (line.starts_with(' '))
            lines.back() += line.substr(1);
        else
            lines.push_back(line);
        if (end == std::string::npos) break;
        from = end + 2;
    }
    return lines;
}
bool has(const std::vector<std::string>& lines, std::string_view wanted) {
    return std::ranges::find(lines, wanted) != lines.end();
}

TEST(calendar, a_booking_is_an_event_in_its_readers_zone) {
    const auto lines = lines_of(calendar_text(example("Asia/Kolkata", winter), winter - 24h));
    for (const auto* wanted :
         {"METHOD:PUBLISH", "UID:0193a5b2-7c1e-7d3a-9b55-2f1a6c0d4e91@astrotalk", "SEQUENCE:0",
          "DTSTAMP:20261123T110000Z", "DTSTART;TZID=Asia/Kolkata:20261124T163000",
          "DTEND;TZID=Asia/Kolkata:20261124T170000", "STATUS:CONFIRMED", "TZID:Asia/Kolkata",
          "TZOFFSETTO:+0530", "TRIGGER:-PT10M",
          "SUMMARY:AstroTalk consultation with Meera\\, \"Joshi\"\\; Ujjain"})
        EXPECT_TRUE(has(lines, wanted)) << wanted << "\n"
                                        << calendar_text(example("Asia/Kolkata", winter), winter);
}

TEST(calendar, a_cancellation_cancels_and_counts_as_a_change) {
    auto of = example("Asia/Kolkata", winter);
    of.cancelled = true;
    of.revision = revision_of("cancelled", 2);
    const auto lines = lines_of(calendar_text(of, winter));
    for (const auto* wanted : {"METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:3"})
        EXPECT_TRUE(has(lines, wanted)) << wanted;
    EXPECT_FALSE(has(lines, "BEGIN:VALARM"));
    EXPECT_EQ(revision_of("confirmed", 0), 0);
    EXPECT_EQ(revision_of("completed", 2), 2);
}

// The astrologer's calendar says nothing of who comes.
TEST(calendar, an_astrologers_event_names_nobody) {
    auto of = example("Europe/London", winter);
    of.reader = side::astrologer;
    const auto text = calendar_text(of, winter);
    EXPECT_EQ(text.find("Meera"), std::string::npos);
    EXPECT_NE(text.find("SUMMARY:AstroTalk consultation\r\n"), std::string::npos) << text;
}

TEST(calendar, the_rules_of_a_zone_with_summer_time_are_those_of_the_years_around) {
    const auto lines = lines_of(calendar_text(example("America/New_York", winter), winter));
    EXPECT_TRUE(has(lines, "DTSTART;TZID=America/New_York:20261124T060000"));
    // Clocks went back on 1 November 2026 at 2:00 of summer time.
    EXPECT_TRUE(has(lines, "BEGIN:STANDARD"));
    EXPECT_TRUE(has(lines, "BEGIN:DAYLIGHT"));
    EXPECT_TRUE(has(lines, "DTSTART:20261101T020000"));
    EXPECT_TRUE(has(lines, "TZOFFSETFROM:-0400"));
    EXPECT_TRUE(has(lines, "TZOFFSETTO:-0500"));
    EXPECT_TRUE(has(lines, "TZNAME:EST"));
}

TEST(calendar, hindi_is_folded_between_characters) {
    auto of = example("Asia/Kolkata", winter);
    of.language = sms::language::hi;
    of.astrologer_name.clear();
    for (int i = 0; i < 40; ++i) of.astrologer_name += "आचार्य ";
    const auto text = calendar_text(of, winter);
    for (std::size_t at = text.find("\r\n "); at != std::string::npos; at = text.find("\r\n ", at + 1))
        EXPECT_NE(static_cast<unsigned char>(text[at + 3]) & 0xc0, 0x80) << "a character is cut in two";
    EXPECT_NE(text.find("परामर्श"), std::string::npos);
}

}  // namespace
}  // namespace astrotalk::notification
