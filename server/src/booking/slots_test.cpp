#include <date/tz.h>
#include <gtest/gtest.h>

#include <random>

#include "booking/domain.hpp"

namespace astrotalk::booking {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

// Slow and plain: looks at every minute on its own, and asks the zone about local times the other way round.
struct model {
    const rules& by;

    bool open_at(instant at) const {
        const auto local = date::zoned_time<microseconds>(by.zone, at).get_local_time();
        const auto day = floor<days>(local);
        const int minute = static_cast<int>(floor<minutes>(local - day).count());
        const int weekday = static_cast<int>(date::weekday(date::local_days(day)).iso_encoding()) - 1;
        for (std::size_t i = 0; i < by.weekly.size(); i += 2) {
            const int of_week = weekday * 1440 + minute;
            if (by.weekly[i] <= of_week && of_week < by.weekly[i + 1]) return true;
        }
        return false;
    }
    bool is_start(instant at) const {
        const auto local = date::zoned_time<microseconds>(by.zone, at).get_local_time();
        if (local.time_since_epoch() % 15min != 0us) return false;
        const auto info = by.zone->get_info(floor<seconds>(local));
        if (info.result == date::local_info::nonexistent) return false;
        return sys_time<microseconds>(local.time_since_epoch() - info.first.offset) == at;
    }
    bool offers(instant at, minutes length, instant now) const {
        if (at <= now || at < now + by.notice || at >= now + by.window || !is_start(at)) return false;
        for (minutes m = 0min; m < length; m += 1min)
            if (!open_at(at + m)) return false;
        return true;
    }
    std::vector<instant> slots(const taken& out, range within, minutes length, instant now) const {
        std::vector<instant> found;
        for (instant at = ceil<minutes>(within.from); at < within.to; at += 1min) {
            bool free = true;
            const range span = span_of(at, length), blocked = blocked_by(by, span);
            for (const auto& each : out.astrologer) free = free && !each.overlaps(blocked);
            for (const auto& each : out.user) free = free && !each.overlaps(span);
            if (free && offers(at, length, now)) found.push_back(at);
        }
        return found;
    }
};

rules make(const std::string& zone, std::vector<std::int32_t> weekly) {
    return {find_zone(zone), merge_weekly(weekly), 0min, 5min, 30min, days(30)};
}

class random_world {
  public:
    explicit random_world(unsigned seed) : random_(seed) {}
    int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
    std::vector<std::int32_t> weekly() {
        std::vector<std::int32_t> made;
        for (int i = below(8) + 1; i > 0; --i) {
            const int from = below(10080 / 5) * 5;
            made.insert(made.end(), {from, std::min(10080, from + 5 * (1 + below(200)))});
        }
        if (below(4) == 0) made.insert(made.end(), {0, 120, 9900, 10080});  // across the week's end
        return made;
    }
    std::vector<range> ranges(range within) {
        std::vector<range> made;
        for (instant at = within.from + minutes(below(600)); at < within.to;) {
            made.push_back({at, at + minutes(5 + below(120))});
            at = made.back().to + minutes(below(900));
        }
        return made;
    }

  private:
    std::mt19937 random_;
};

struct season {
    const char* zone;
    instant from;
};
const season seasons[] = {
    {"Asia/Kolkata", sys_days(2026y / November / 20)},
    {"Asia/Kathmandu", sys_days(2026y / November / 20)},
    {"America/New_York", sys_days(2026y / March / 6)},     // spring gap
    {"America/New_York", sys_days(2026y / October / 30)},  // fall back
    {"Europe/London", sys_days(2026y / March / 27)},
    {"Europe/London", sys_days(2026y / October / 23)},
    {"Australia/Lord_Howe", sys_days(2026y / April / 3)},  // by half an hour
    {"Australia/Lord_Howe", sys_days(2026y / October / 2)},
    {"America/Sao_Paulo", sys_days(2018y / November / 2)},  // a gap at midnight
    {"America/Sao_Paulo", sys_days(2018y / February / 16)},
    {"Pacific/Apia", sys_days(2011y / December / 28)},  // a day that did not exist
};

TEST(slots, agree_with_the_model) {
    random_world random(7);
    std::size_t found = 0;
    for (const auto& [zone, from] : seasons) {
        for (int round = 0; round < 6; ++round) {
            rules by = make(zone, random.weekly());
            by.buffer_before = minutes(random.below(3) * 5);
            by.buffer_after = minutes(random.below(4) * 5);
            by.notice = minutes(random.below(300));
            by.window = days(1 + random.below(6));
            const range within{from + minutes(random.below(500)), from + days(4)};
            const taken out{random.ranges(within), random.ranges(within)};
            const minutes length = 15min * (1 + random.below(4));
            const instant now = from + minutes(random.below(2000)) - days(1) + 17s;
            const model slow{by};
            found += slow.slots(out, within, length, now).size();
            EXPECT_EQ(slots(by, out, within, length, now), slow.slots(out, within, length, now))
                << zone << round;
            for (int i = 0; i < 200; ++i) {
                const instant at = from + minutes(random.below(4 * 1440));
                EXPECT_EQ(offered(by, at, length, now), slow.offers(at, length, now))
                    << zone << round << " " << i;
            }
        }
    }
    EXPECT_GT(found, 500U);
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
