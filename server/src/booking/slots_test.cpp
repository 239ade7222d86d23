#include <date/tz.h>
#include <gtest/gtest.h>

#include "booking/domain.hpp"

namespace astrotalk::booking {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

rules make(const std::string& zone, std::vector<std::int32_t> weekly) {
    return {find_zone(zone), merge_weekly(weekly), 0min, 5min, 30min, days(30)};
}

TEST(slots, a_night_that_falls_back_is_an_hour_longer_and_repeats_no_start) {
    const auto by = make("America/New_York", {6 * 1440, 6 * 1440 + 240});  // Sunday 00:00 to 04:00
    const instant midnight = sys_days(2026y / November / 1) + 4h;
    const auto found = slots(by, {}, {midnight, midnight + 5h}, 60min, midnight - days(1));
    // 00:00 to 01:45 once each, then 02:00 to 03:00 after the repeated hour.
    ASSERT_EQ(found.size(), 13U);
    EXPECT_EQ(found[7], midnight + 1h + 45min);
    EXPECT_EQ(found[8], midnight + 3h);
    EXPECT_EQ(found.back(), midnight + 4h);
}

TEST(slots, a_night_that_springs_forward_has_no_start_in_the_gap) {
    const auto by = make("America/New_York", {6 * 1440, 6 * 1440 + 240});
    const instant midnight = sys_days(2026y / March / 8) + 5h;
    const auto found = slots(by, {}, {midnight, midnight + 4h}, 60min, midnight - days(1));
    // Three hours pass between 00:00 and 04:00; 01:45 EST runs into 03:45 EDT.
    ASSERT_EQ(found.size(), 9U);
    EXPECT_EQ(found.back(), midnight + 2h);
}

TEST(slots, hours_may_cross_midnight_and_the_week) {
    const auto by = make("Asia/Kolkata", {0, 30, 10050, 10080});  // Sunday 23:30 to Monday 00:30
    const instant monday = sys_days(2026y / November / 22) + 18h + 30min;
    const instant now = monday - days(1);
    EXPECT_TRUE(offered(by, monday - 30min, 60min, now));
    EXPECT_FALSE(offered(by, monday - 15min, 60min, now));
    EXPECT_EQ(slots(by, {}, {monday - 2h, monday + 2h}, 60min, now), std::vector<instant>{monday - 30min});
}

TEST(slots, nearest_are_in_order_of_time) {
    const instant base = sys_days(2026y / November / 23);
    const std::vector<instant> starts{base, base + 15min, base + 2h, base + 3h, base + 9h};
    const auto found = nearest(starts, base + 1h, 30min, 3);
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].starts_at, base);
    EXPECT_EQ(found[2].ends_at, base + 2h + 30min);
    EXPECT_TRUE(nearest({}, base, 30min, 3).empty());
    EXPECT_EQ(nearest(starts, base + days(1), 30min, 9).size(), 5U);
}

TEST(slots, a_day_with_hours_of_its_own_forgets_the_weekly_ones) {
    auto by = make("Asia/Kolkata", {0, 10080});
    const instant midnight = sys_days(2026y / November / 24) - 5h - 30min;
    const auto day = static_cast<std::int32_t>(sys_days(2026y / November / 24).time_since_epoch().count());
    const instant now = midnight - days(2);
    by.overrides = {{day, {60, 120, 1380, 1440}}};
    const auto found = slots(by, {}, {midnight, midnight + days(1)}, 60min, now);
    // 01:00; 23:00, and by the next day's hours from 23:15 on.
    EXPECT_EQ(found, (std::vector<instant>{midnight + 1h, midnight + 23h, midnight + 23h + 15min,
                                           midnight + 23h + 30min, midnight + 23h + 45min}));
    by.overrides = {{day, {}}};
    EXPECT_TRUE(slots(by, {}, {midnight - 45min, midnight + days(1)}, 60min, now).empty());
    EXPECT_TRUE(offered(by, midnight - 60min, 60min, now));
    EXPECT_FALSE(offered(by, midnight - 45min, 60min, now));
}

TEST(slots, start_on_the_interval_of_the_local_clock) {
    auto by = make("Asia/Kathmandu", {0, 10080});  // 5:45 ahead
    by.interval = 20min;
    const instant midnight = sys_days(2026y / November / 24) - 5h - 45min;
    const auto found = slots(by, {}, {midnight + 1min, midnight + 61min}, 15min, midnight - days(1));
    EXPECT_EQ(found, (std::vector<instant>{midnight + 20min, midnight + 40min, midnight + 60min}));
    EXPECT_FALSE(offered(by, midnight + 15min, 15min, midnight - days(1)));
}

TEST(slots, end_with_the_cap_of_the_local_day_and_week) {
    auto by = make("Asia/Kolkata", {0, 10080});
    by.interval = 60min;
    by.daily_cap = 2;
    const instant monday = sys_days(2026y / November / 23) - 5h - 30min, now = monday - days(1);
    const range week{monday, monday + days(7)};
    taken out;
    out.counted = {monday + 10h, monday + 23h};
    EXPECT_EQ(slots(by, out, week, 60min, now).size(), 6U * 24);
    EXPECT_TRUE(full(by, out.counted, monday + 5h));
    EXPECT_FALSE(full(by, out.counted, monday + 24h));
    EXPECT_FALSE(full(by, out.counted, monday - 1h));
    by.weekly_cap = 2;
    EXPECT_TRUE(slots(by, out, week, 60min, now).empty());
    EXPECT_EQ(next_free(by, out, 60min, monday), monday + days(7));
}

TEST(slots, the_next_free_one_is_the_first_of_all) {
    auto by = make("Europe/London", {540, 600});  // Mondays 09:00 to 10:00
    const instant now = sys_days(2026y / November / 23) + 9h + 40min;
    EXPECT_EQ(next_free(by, {}, 30min, now), now - 40min + days(7));
    by.notice = 0min;
    EXPECT_EQ(next_free(by, {}, 15min, now), now + 5min);
    const taken out{{{now, now + days(1)}, {now + days(6), now + days(8)}}, {}};
    EXPECT_EQ(next_free(by, out, 15min, now), now - 40min + days(14));
    by.window = days(14);
    EXPECT_EQ(next_free(by, out, 60min, now), now - 40min + days(14));
    by.window = days(13);
    EXPECT_EQ(next_free(by, out, 60min, now), std::nullopt);
}

TEST(rules, breaks_are_taken_out_of_the_hours) {
    using pairs = std::vector<std::int32_t>;
    EXPECT_EQ(without(pairs{0, 100, 200, 300}, pairs{20, 30, 90, 210, 300, 400}),
              (pairs{0, 20, 30, 90, 210, 300}));
    EXPECT_EQ(without(pairs{0, 100}, pairs{0, 100}), pairs{});
    EXPECT_EQ(without(pairs{0, 100}, pairs{}), (pairs{0, 100}));
    EXPECT_EQ(without(pairs{50, 100}, pairs{0, 60, 90, 120}), (pairs{60, 90}));
}

TEST(rules, overrides_are_packed_and_come_back) {
    const std::vector<day_hours> days{{20000, {}}, {20001, {540, 600, 660, 720}}, {20005, {0, 1440}}};
    EXPECT_EQ(pack_overrides(days),
              (std::vector<std::int32_t>{20000, 0, 20001, 4, 540, 600, 660, 720, 20005, 2, 0, 1440}));
    EXPECT_EQ(unpack_overrides(pack_overrides(days)), days);
    EXPECT_TRUE(unpack_overrides({}).empty());
}

TEST(slots, weekly_hours_are_merged) {
    EXPECT_EQ(merge_weekly(std::vector<std::int32_t>{60, 90, 0, 60, 100, 120, 80, 95}),
              (std::vector<std::int32_t>{0, 95, 100, 120}));
}

// The limit is generous so that a busy machine and sanitizers pass; the usual time is some 20 µs.
TEST(slots, thirty_days_with_five_hundred_bookings_are_quick) {
    const auto by = make("America/New_York", {0, 10080});
    const instant now = sys_days(2026y / October / 20);
    taken out;
    for (int i = 0; i < 500; ++i)
        out.astrologer.push_back({now + minutes(i * 85), now + minutes(i * 85 + 35)});
    std::size_t found = 0;
    const auto began = steady_clock::now();
    for (int i = 0; i < 20; ++i) found += slots(by, out, {now, now + days(30)}, 30min, now).size();
    const auto each = duration_cast<microseconds>(steady_clock::now() - began) / 20;
    EXPECT_GT(found, 0U);
    EXPECT_LT(each, 5ms);
    RecordProperty("microseconds", static_cast<int>(each.count()));
}

TEST(pay, bonus_goes_first) {
    EXPECT_EQ(pay({100}, {100}, {30})->cash, money{70});
    EXPECT_EQ(pay({100}, {0}, {100})->cash, money{0});
    EXPECT_EQ(pay({100}, {0}, {500})->bonus, money{100});
    EXPECT_FALSE(pay({100}, {69}, {30}));
}

}  // namespace
}  // namespace astrotalk::booking
