#include "intake/domain.hpp"

#include <gtest/gtest.h>

#include "core/aadhaar.hpp"

namespace astrotalk::intake {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

const instant now = sys_days(std::chrono::year(2026) / 11 / 23) + 12h;

birth born(const char* date, const char* time, const char* zone = "Asia/Kolkata") {
    birth b;
    b.name = personal("Asha");
    b.birth_date = personal(date);
    if (time)
        b.birth_time = personal(time);
    else
        b.time_unknown = true;
    b.place = {personal("Ujjain"), 23.18, 75.77, zone};
    return b;
}

std::string pointers(const birth& b) {
    std::string all;
    for (const auto& [pointer, expected] : faults_of(b, now)) all += pointer + " ";
    return all;
}

std::string when(const birth& b) {
    const auto found = moment_of(b);
    if (!found) return "unknown";
    const auto at = std::chrono::floor<std::chrono::seconds>(found->at);
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(at - day);
    return fmt::format("{}-{:02}-{:02} {:02}:{:02}:{:02} {}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count(),
                       offset_text(found->offset));
}

TEST(birth, a_time_is_what_clocks_there_showed_then) {
    EXPECT_EQ(when(born("1990-02-28", "06:40")), "1990-02-28 01:10:00 +05:30");
    // The war's summer time of all India: an hour ahead from 1 September 1942 to 15 October 1945.
    EXPECT_EQ(when(born("1943-06-01", "06:40")), "1943-06-01 00:10:00 +06:30");
    EXPECT_EQ(when(born("1985-06-15", "12:00", "Asia/Kathmandu")), "1985-06-15 06:30:00 +05:30");
    EXPECT_EQ(when(born("1986-06-15", "12:00", "Asia/Kathmandu")), "1986-06-15 06:15:00 +05:45");
    EXPECT_EQ(when(born("1990-07-01", "12:00", "America/New_York")), "1990-07-01 16:00:00 -04:00");
    EXPECT_EQ(when(born("1990-02-28", nullptr)), "unknown");
}

// Before standard time a place had its own.
TEST(birth, local_mean_time_has_seconds) {
    EXPECT_EQ(when(born("1901-01-01", "12:00", "Europe/Amsterdam")).substr(0, 10), "1901-01-01");
    EXPECT_EQ(when(born("1905-01-01", "12:00")), "1905-01-01 06:38:50 +05:21:10") << "Madras time";
    EXPECT_EQ(offset_text(-12345s), "-03:25:45");
    EXPECT_EQ(offset_text(0s), "+00:00");
}

TEST(birth, a_time_that_clocks_never_showed_is_none) {
    EXPECT_EQ(pointers(born("2024-03-10", "02:30", "America/New_York")), "/birthTime ");
    EXPECT_EQ(pointers(born("2024-03-10", "03:30", "America/New_York")), "");
    EXPECT_EQ(pointers(born("2024-03-10", "02:30", "America/Phoenix")), "");
}

TEST(birth, of_a_time_that_was_shown_twice_one_is_meant) {
    auto b = born("2024-11-03", "01:30", "America/New_York");
    EXPECT_EQ(pointers(b), "");
    EXPECT_EQ(when(b), "2024-11-03 05:30:00 -04:00");
    b.which_of_two = occurrence::second;
    EXPECT_EQ(pointers(b), "");
    EXPECT_EQ(when(b), "2024-11-03 06:30:00 -05:00");
    b = born("2024-11-03", "03:30", "America/New_York");
    b.which_of_two = occurrence::first;
    EXPECT_EQ(pointers(b), "/whichOfTwo ");
    b = born("2024-11-03", nullptr, "America/New_York");
    b.which_of_two = occurrence::first;
    EXPECT_EQ(pointers(b), "/whichOfTwo ");
}

TEST(birth, nobody_is_born_in_the_future_or_before_1900) {
    EXPECT_EQ(pointers(born("1900-01-01", "00:00")), "");
    EXPECT_EQ(pointers(born("1899-12-31", "00:00")), "/birthDate ");
    EXPECT_EQ(pointers(born("2026-11-23", "17:30")), "") << "now, in India";
    EXPECT_EQ(pointers(born("2026-11-23", "17:31")), "/birthTime ");
    EXPECT_EQ(pointers(born("2026-11-24", nullptr)), "/birthDate ");
    EXPECT_EQ(pointers(born("2026-11-24", nullptr, "Pacific/Kiritimati")), "") << "there it is tomorrow";
}

TEST(birth, every_fault_is_named) {
    EXPECT_EQ(pointers(born("1990-02-29", "06:40")), "/birthDate ");
    EXPECT_EQ(pointers(born("1990-2-28", "06:40")), "/birthDate ");
    EXPECT_EQ(pointers(born("+990-02-28", "06:40")), "/birthDate ");
    for (const auto* time : {"24:00", "6:40", "06:60", "06.40", "-1:00", ""})
        EXPECT_EQ(pointers(born("1990-02-28", time)), "/birthTime ") << time;
    auto b = born("1990-02-28", "06:40");
    b.time_unknown = true;
    EXPECT_EQ(pointers(b), "/birthTime ") << "either a time or none";
    b = born("1990-02-28", nullptr);
    b.time_unknown = false;
    EXPECT_EQ(pointers(b), "/birthTime ");
    for (const auto* zone : {"", "Mars/Olympus", "../Asia/Kolkata", "IST+5:30"})
        EXPECT_EQ(pointers(born("1990-02-28", "06:40", zone)), "/place/zone ") << zone;
    b = born("1990-02-28", "06:40");
    b.name = personal(" \t");
    b.place.name = personal(std::string(101, 'x'));
    b.place.latitude = 90.001;
    b.place.longitude = -180.1;
    EXPECT_EQ(pointers(b), "/name /place/name /place/latitude /place/longitude ");
}

TEST(birth, no_text_holds_an_aadhaar_number) {
    const std::string number = "2341 2341 2346";
    ASSERT_TRUE(holds_aadhaar_number(number));
    auto b = born("1990-02-28", "06:40");
    b.name = personal(number);
    b.place.name = personal("near " + number);
    for (const auto& [pointer, expected] : faults_of(b, now))
        EXPECT_EQ(expected, no_aadhaar_number) << pointer;
    EXPECT_EQ(pointers(b), "/name /place/name ");
    EXPECT_EQ(faults_of_question("my number is " + number).at(0).second, no_aadhaar_number);
}

TEST(question, has_lines_and_a_bound) {
    EXPECT_EQ(tidied_question("  When?\r\nAnd where? \n"), "When?\nAnd where?");
    EXPECT_TRUE(faults_of_question("When?\nAnd where?").empty());
    EXPECT_EQ(faults_of_question("").size(), 1u);
    std::string hindi;
    for (std::size_t i = 0; i < longest_question; ++i) hindi += "क";
    EXPECT_TRUE(faults_of_question(hindi).empty());
    EXPECT_EQ(faults_of_question(hindi + "क").size(), 1u);
    EXPECT_EQ(faults_of_question(std::string("a\x07")).size(), 1u);
}

TEST(intake, is_open_until_the_start) {
    EXPECT_EQ(closed_for_changes("confirmed", now + 1us, now), closed::no);
    EXPECT_EQ(closed_for_changes("confirmed", now, now), closed::started);
    EXPECT_EQ(closed_for_changes("cancelled", now + 1h, now), closed::cancelled);
    EXPECT_EQ(closed_for_changes("no_show", now + 1h, now), closed::started);
}

TEST(intake, is_shown_to_the_astrologer_for_the_consultation_and_three_days) {
    EXPECT_TRUE(astrologer_may_see("confirmed", now + 24h, now));
    EXPECT_TRUE(astrologer_may_see("completed", now - 72h + 1us, now));
    EXPECT_FALSE(astrologer_may_see("completed", now - 72h, now));
    EXPECT_FALSE(astrologer_may_see("confirmed", now - 72h, now));
    EXPECT_FALSE(astrologer_may_see("cancelled", now + 24h, now));
    EXPECT_FALSE(astrologer_may_see("no_show", now - 1h, now));
}

}  // namespace
}  // namespace astrotalk::intake
