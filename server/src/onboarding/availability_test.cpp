#include <gtest/gtest.h>

#include "onboarding/domain.hpp"

namespace astrotalk::onboarding {

static std::ostream& operator<<(std::ostream& out, const weekly_rule& rule) {
    return out << rule.day << ' ' << rule.start << '-' << rule.end;
}

namespace {

using minutes = std::vector<std::int32_t>;
using rules = std::vector<weekly_rule>;

TEST(minute_of_day, reads_wall_times) {
    EXPECT_EQ(minute_of_day("00:00"), 0);
    EXPECT_EQ(minute_of_day("09:05"), 545);
    EXPECT_EQ(minute_of_day("23:59"), 1439);
    EXPECT_EQ(minute_of_day("24:00"), 1440);
    for (const auto* wrong :
         {"", "9:00", "24:01", "25:00", "12:60", "12-30", "1a:00", "12:3b", "12:300", "-1:00"})
        EXPECT_EQ(minute_of_day(wrong), std::nullopt) << wrong;
}

TEST(to_minutes, sorts_and_merges_what_overlaps_or_touches) {
    EXPECT_EQ(
        to_minutes(rules{
            {2, "10:00", "12:00"}, {1, "09:00", "11:00"}, {1, "10:00", "12:30"}, {1, "12:30", "13:00"}}),
        (minutes{540, 780, 1440 + 600, 1440 + 720}));
    EXPECT_EQ(to_minutes(rules{{1, "09:00", "17:00"}, {1, "10:00", "11:00"}}), (minutes{540, 1020}))
        << "one inside another";
    EXPECT_EQ(to_minutes({}), minutes{});
}

TEST(to_minutes, joins_across_midnight_but_not_across_the_week) {
    EXPECT_EQ(to_minutes(rules{{1, "22:00", "24:00"}, {2, "00:00", "02:00"}}), (minutes{1320, 1560}));
    EXPECT_EQ(to_minutes(rules{{7, "22:00", "24:00"}, {1, "00:00", "02:00"}}),
              (minutes{0, 120, 9960, 10080}));
}

TEST(to_rules, splits_at_midnight) {
    EXPECT_EQ(to_rules(minutes{1320, 1560}), (rules{{1, "22:00", "24:00"}, {2, "00:00", "02:00"}}));
    EXPECT_EQ(to_rules(minutes{0, 10080}).size(), 7u);
    EXPECT_EQ(to_rules(minutes{0, 10080}).back(), (weekly_rule{7, "00:00", "24:00"}));
}

TEST(to_rules, undoes_to_minutes) {
    const rules week{
        {1, "09:00", "12:30"}, {1, "14:00", "24:00"}, {3, "00:00", "00:01"}, {7, "06:15", "24:00"}};
    EXPECT_EQ(to_rules(to_minutes(week)), week);
}

std::vector<std::string> pointers(const availability& sent) {
    std::vector<std::string> out;
    for (const auto& each : check(sent)) out.push_back(each.first);
    return out;
}
using list = std::vector<std::string>;

TEST(availability_check, names_every_fault) {
    EXPECT_EQ(pointers({"Asia/Kolkata", {{1, "09:00", "24:00"}}, 0, 5, 30, 30}), list{});
    EXPECT_EQ(pointers({"Asia/Kathmandu", {}, 120, 120, 10080, 90}), list{});
    EXPECT_EQ(pointers({"Mars/Olympus",
                        {{0, "09:00", "10:00"}, {1, "10:00", "10:00"}, {8, "24:00", "24:00"}, {2, "x", "9"}},
                        -1,
                        121,
                        10081,
                        0}),
              (list{"/zone", "/weekly/0/day", "/weekly/1/end", "/weekly/2/day", "/weekly/2/start",
                    "/weekly/2/end", "/weekly/3/start", "/weekly/3/end", "/bufferBefore", "/bufferAfter",
                    "/noticeMinutes", "/windowDays"}));
    EXPECT_EQ(pointers({"Asia/Kolkata", rules(85, {1, "09:00", "10:00"}), 0, 0, 0, 1}), list{"/weekly"});
}

TEST(availability_check, names_what_is_wrong_with_breaks_lengths_and_caps) {
    availability sent{"Asia/Kolkata",      {}, 0, 5,  30, 30, rules{{1, "13:00", "14:00"}}, 20,
                      minutes{60, 15, 15}, 10, 1, 500};
    EXPECT_EQ(pointers(sent), list{});
    const auto whole = completed(sent);
    EXPECT_EQ(whole.lengths, (minutes{15, 60}));
    EXPECT_EQ(whole.slot_interval, 20);
    sent.breaks = rules{{1, "13:00", "14:00"}, {1, "14:00", "13:00"}};
    sent.slot_interval = 7;
    sent.lengths = minutes{15, 20};
    sent.free_minutes = 30;
    sent.daily_cap = 0;
    sent.weekly_cap = 501;
    EXPECT_EQ(pointers(sent), (list{"/breaks/1/end", "/slotInterval", "/lengths/1", "/freeMinutes",
                                    "/dailyCap", "/weeklyCap"}));
    sent = {"Asia/Kolkata", {}, 0, 5, 30, 30};
    sent.lengths.emplace();
    EXPECT_EQ(pointers(sent), list{"/lengths"});
    sent.lengths = std::nullopt;
    EXPECT_EQ(completed(sent).lengths, (minutes{15, 30, 45, 60}));
    EXPECT_EQ(completed(sent).slot_interval, 15);
    EXPECT_EQ(completed(sent).daily_cap, std::nullopt);
}

TEST(known_zone, knows_the_iana_names_only) {
    for (const auto* zone : {"Asia/Kolkata", "Asia/Calcutta", "Europe/London", "America/New_York", "UTC"})
        EXPECT_TRUE(known_zone(zone)) << zone;
    for (const auto* zone : {"", "IST", "asia/kolkata", "+05:30", "../../etc/passwd", "Asia/Kolkata "})
        EXPECT_FALSE(known_zone(zone)) << zone;
}

}  // namespace
}  // namespace astrotalk::onboarding
