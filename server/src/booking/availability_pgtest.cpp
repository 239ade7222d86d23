// Rules that a hold is held to: lengths, days with hours of their own, caps, free consultations; and what an
// astrologer decides about them.
#include <date/tz.h>

#include "booking/availability.hpp"
#include "booking/testing.hpp"

namespace astrotalk::booking {
namespace {

using namespace testing;
using outcomes = std::vector<outcome<answer>>;

// The day of tomorrow(at) in India, where the test's astrologers are.
std::int32_t day_of(instant at) {
    const auto local = std::chrono::floor<std::chrono::days>(at + 5h + 30min);
    return static_cast<std::int32_t>(local.time_since_epoch().count());
}
// Next Monday or later, midnight in India, so that a week's seven days are ahead.
instant next_monday() {
    auto day = std::chrono::floor<std::chrono::days>(clock::now()) + std::chrono::days(2);
    while (std::chrono::weekday(day) != std::chrono::Monday) day += std::chrono::days(1);
    return instant(day) - 5h - 30min;
}

std::size_t count_of(const outcomes& all, std::optional<error> why) {
    return static_cast<std::size_t>(std::ranges::count_if(
        all, [&](const auto& each) { return why ? !each && each.error().why == *why : each.has_value(); }));
}

struct availability_test : ::testing::Test, world {
    void TearDown() override {
        EXPECT_EQ(db.execute("select deadlocks from pg_stat_database where datname = current_database()"),
                  "0");
        pg::testing::run(db, [](pg::client& pg) -> task<void> { co_await expect_sound_ledger(pg); });
    }
    void set(const std::string& columns) {
        db.execute("update astrologer set " + columns + " where id = '" + astrologer.to_string() + "'");
    }
    task<outcome<answer>> hold(service& s, user_id who, instant at, std::int32_t minutes = 30,
                               bool free = false) {
        return hold_slot(s, user(who), fresh_key(), {astrologer, at, minutes, channel::chat, free});
    }
    caller me() const { return {astrologer, "astrologer", "a-test"}; }
    std::vector<user_id> add_users(int count) {
        std::vector<user_id> made;
        for (int i = 0; i < count; ++i) made.push_back(add_user());
        return made;
    }
};

TEST_F(availability_test, a_hold_is_of_a_length_on_sale_and_on_the_interval) {
    set("lengths = '{30,60}', slot_interval = 20, breaks = '{0,10080}'");
    const user_id who = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        EXPECT_EQ((co_await hold(s, who, tomorrow(9h + 30min), 15)).error().why, error::length_not_offered);
        const auto off =
            co_await list_slots(s, who, astrologer, {tomorrow(9h), tomorrow(10h)}, 45, channel::chat);
        EXPECT_EQ(off.error().why, error::length_not_offered);
        EXPECT_EQ((co_await hold(s, who, tomorrow(9h + 30min))).error().why, error::slot_not_offered)
            << "it is all break";
        set("breaks = '{}'");
        EXPECT_EQ((co_await hold(s, who, tomorrow(9h + 45min))).error().why, error::slot_not_offered)
            << "15:15 in India";
        EXPECT_TRUE(co_await hold(s, who, tomorrow(9h + 30min)));
    });
}

TEST_F(availability_test, a_day_of_ones_own_is_what_slots_and_holds_go_by) {
    const user_id who = add_user();
    const std::int32_t day = day_of(tomorrow(9h));
    const range midday{tomorrow(6h), tomorrow(12h)};
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto set_day =
            co_await set_own_day(s, me(), day, {{"15:00", "15:30"}, {"14:00", "15:00"}, {"20:00", "24:00"}});
        EXPECT_EQ(set_day->hours.size(), 2U);
        EXPECT_EQ(set_day->hours[0].end, "15:30");
        EXPECT_EQ(set_day->hours[1].end, "24:00");
        const auto seen = co_await list_slots(s, who, astrologer, midday, 30, channel::chat, "Asia/Kolkata");
        EXPECT_EQ(seen->items.size(), 5U);  // 14:00 to 15:00 in India
        EXPECT_EQ(seen->days->size(), 1U);
        EXPECT_EQ(seen->days->front().starts.front(), seen->days->front().date + "T14:00:00+05:30");
        EXPECT_EQ((co_await hold(s, who, tomorrow(9h + 45min))).error().why, error::slot_not_offered);
        EXPECT_TRUE(co_await hold(s, who, tomorrow(9h + 30min)));

        EXPECT_TRUE(co_await set_own_day(s, me(), day + 1, {}));
        const auto listed = co_await list_own_days(s, astrologer);
        EXPECT_EQ(listed->size(), 2U);
        EXPECT_TRUE(listed->back().hours.empty());
        EXPECT_TRUE(co_await drop_own_day(s, me(), day));
        EXPECT_EQ((co_await drop_own_day(s, me(), day)).error().why, error::day_not_found);
        EXPECT_EQ((co_await list_own_days(s, astrologer))->size(), 1U);
        EXPECT_EQ((co_await set_own_day(s, me(), day - 3, {})).error().why, error::day_out_of_reach);
        EXPECT_EQ((co_await set_own_day(s, me(), day + 400, {})).error().why, error::day_out_of_reach);
        EXPECT_EQ((co_await list_own_days(s, user_id::make())).error().why, error::astrologer_not_found);
    });
}

// A spring in which most of these clocks change, against the zones' own way of printing.
TEST_F(availability_test, slots_stand_on_the_viewers_calendar_in_any_zone) {
    set("window_days = 90, slot_interval = 60, buffer_after = 0");
    const user_id who = add_user();
    using namespace std::chrono;
    const auto year = year_month_day(floor<days>(clock::now())).year() + years(1);
    const instant march = sys_days(year / March / 1);
    clock::advance(march - clock::now());
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        for (const auto* zone : {"Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Europe/London",
                                 "America/Santiago", "Australia/Lord_Howe", "UTC"}) {
            const auto seen = co_await list_slots(s, who, astrologer, {march + days(1), march + days(80)}, 60,
                                                  channel::chat, zone);
            EXPECT_GT(seen->items.size(), 1'000U);
            std::size_t at = 0;
            for (const auto& day : *seen->days)
                for (const auto& start : day.starts) {
                    const date::zoned_time local(zone, floor<seconds>(seen->items[at++].starts_at));
                    EXPECT_EQ(start, date::format("%FT%T%Ez", local)) << zone;
                    EXPECT_EQ(day.date, date::format("%F", local));
                }
            EXPECT_EQ(at, seen->items.size());
        }
    });
    clock::advance(-clock::offset());
}

TEST_F(availability_test, days_set_at_once_lose_none_and_are_bounded) {
    const std::int32_t day = day_of(tomorrow(9h));
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        for (int from = 0; from < 100; from += 10) {
            std::vector<task<outcome<own_day>>> racing;
            for (int i = 0; i < 10; ++i)
                racing.push_back(set_own_day(s, me(), day + from + i, {{"09:00", "10:00"}}));
            for (const auto& each : co_await all(std::move(racing))) EXPECT_TRUE(each);
        }
        EXPECT_EQ((co_await list_own_days(s, astrologer))->size(), 100U);
        EXPECT_EQ((co_await set_own_day(s, me(), day + 200, {})).error().why, error::too_many);
        EXPECT_TRUE(co_await set_own_day(s, me(), day + 5, {})) << "in place of itself";
    });
}

TEST(own_days, are_named_and_checked) {
    EXPECT_EQ(day_named("1970-01-02"), 1);
    EXPECT_EQ(day_named("2024-02-29"), 19782);
    for (const auto* wrong : {"", "2023-02-29", "2026-13-01", "2026-1-01", "26-01-01", "2026-01-01T",
                              "2026/01/01", "2026-00-10", "20a6-01-01"})
        EXPECT_EQ(day_named(wrong), std::nullopt) << wrong;
    const std::vector<wall_hours> wrong{
        {"9:00", "10:00"}, {"10:00", "09:00"}, {"24:00", "24:00"}, {"1a:00", "25:00"}};
    std::vector<std::string> pointers;
    for (const auto& each : check(wrong)) pointers.push_back(each.first);
    EXPECT_EQ(pointers, (std::vector<std::string>{"/hours/0/start", "/hours/1/end", "/hours/2/start",
                                                  "/hours/2/end", "/hours/3/start", "/hours/3/end"}));
    EXPECT_EQ(check(std::vector<wall_hours>(13, {"09:00", "10:00"})).front().first, "/hours");
    EXPECT_TRUE(check(std::vector<wall_hours>{{"00:00", "24:00"}}).empty());
}

TEST_F(availability_test, a_day_takes_no_more_than_its_cap_whoever_races) {
    set("daily_cap = 3, slot_interval = 30");
    const auto users = add_users(24);
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        for (int round = 0; round < 5; ++round) {
            const instant day = next_monday() + std::chrono::days(round);
            std::vector<task<outcome<answer>>> racing;
            for (std::size_t i = 0; i < users.size(); ++i)
                racing.push_back(hold(s, users[i], day + 1h + 1h * static_cast<int>(i / 2)));
            const auto results = co_await all(std::move(racing));
            EXPECT_EQ(count_of(results, std::nullopt), 3U) << round;
            EXPECT_EQ(count_of(results, error::fully_booked) + count_of(results, error::slot_taken) + 3, 24U);
            EXPECT_EQ(count("occupancy where status = 'active'"), 3);
            for (const auto& each : results)
                if (!each && each.error().why == error::fully_booked)
                    for (const auto& other : each.error().alternatives)
                        EXPECT_NE(day_of(other.starts_at), day_of(day + 1h));
            db.execute("update occupancy set status = 'released' where status = 'active'");
        }
    });
}

TEST_F(availability_test, a_week_counts_what_took_place_what_is_booked_and_what_is_held) {
    set("weekly_cap = 4");
    const auto users = add_users(8);
    const instant monday = next_monday();
    const auto at = [&](int day) { return monday + std::chrono::days(day) + 10h; };
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto first = co_await hold(s, users[0], at(0));
        EXPECT_TRUE(co_await book(s, user(users[0]), fresh_key(), occupancy_id{first->id}));
        db.execute("update occupancy set status = 'done' where kind = 'booking'");
        const auto second = co_await hold(s, users[1], at(1));
        EXPECT_TRUE(co_await book(s, user(users[1]), fresh_key(), occupancy_id{second->id}));
        std::vector<task<outcome<answer>>> racing;
        for (int i = 2; i < 8; ++i)  // on five days, and one of them twice
            racing.push_back(hold(s, users[static_cast<std::size_t>(i)], at(2 + (i - 2) % 5) + 1h * (i / 7)));
        const auto results = co_await all(std::move(racing));
        EXPECT_EQ(count_of(results, std::nullopt), 2U);
        EXPECT_EQ(count_of(results, error::fully_booked), 4U);
        const range week{monday, monday + std::chrono::days(7)};
        EXPECT_TRUE((co_await list_slots(s, users[0], astrologer, week, 30, channel::chat))->items.empty());
        EXPECT_TRUE(co_await hold(s, users[7], at(7))) << "the next week";
        EXPECT_TRUE(co_await hold(s, users[7], at(-1))) << "the week before";
    });
}

TEST_F(availability_test, ones_own_hold_leaves_room_for_another_choice_under_a_cap) {
    set("daily_cap = 1");
    const user_id who = add_user(), other = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        EXPECT_TRUE(co_await hold(s, who, tomorrow(6h)));
        EXPECT_TRUE(co_await hold(s, who, tomorrow(8h)));
        EXPECT_EQ((co_await hold(s, other, tomorrow(6h))).error().why, error::fully_booked);
    });
}

TEST_F(availability_test, a_booking_that_is_moved_is_counted_where_it_goes) {
    set("daily_cap = 1");
    const user_id one = add_user(), two = add_user();
    const instant day = next_monday();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        EXPECT_TRUE(co_await hold(s, one, day + 10h));
        EXPECT_TRUE(co_await hold(s, two, day + 34h));
    });
    const auto move = [&](const std::string& by) {
        db.execute("update occupancy set span = tstzrange(lower(span) + " + by + ", upper(span) + " + by +
                   "), blocked = tstzrange(lower(blocked) + " + by + ", upper(blocked) + " + by +
                   ") where user_id = '" + two.to_string() + "'");
    };
    move("interval '2 hours'");
    EXPECT_THROW(move("- interval '24 hours'"), std::runtime_error);
}

TEST_F(availability_test, a_free_consultation_is_had_once) {
    const user_id who = add_user(0), other = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        EXPECT_EQ((co_await hold(s, who, tomorrow(9h), 5, true)).error().why, error::length_not_offered);
        set("free_minutes = 5");
        EXPECT_EQ((co_await hold(s, who, tomorrow(9h), 15, true)).error().why, error::length_not_offered);
        const auto seen =
            co_await list_slots(s, who, astrologer, {tomorrow(9h), tomorrow(10h)}, 0, channel::chat);
        EXPECT_EQ(seen->items.size(), 4U);
        EXPECT_EQ(seen->minutes, 5);
        EXPECT_EQ(seen->price, money{});

        EXPECT_TRUE(co_await hold(s, who, tomorrow(9h), 5, true));
        const auto held = co_await hold(s, who, tomorrow(10h), 5, true);  // replaces the first
        EXPECT_EQ(text_of(*held, "price"), "0");
        const auto booked = co_await book(s, user(who), fresh_key(), occupancy_id{held->id});
        EXPECT_EQ(booked->status, 201);
        EXPECT_EQ((co_await hold(s, who, tomorrow(12h), 5, true)).error().why, error::free_consultation_used);
        EXPECT_TRUE(co_await hold(s, other, tomorrow(12h), 5, true));
        EXPECT_TRUE(co_await cancel_booking(s, user(who), fresh_key(), booking_id{booked->id}, std::nullopt));
        const auto again = co_await hold(s, who, tomorrow(13h), 5, true);
        EXPECT_TRUE(co_await book(s, user(who), fresh_key(), occupancy_id{again->id}));
        db.execute("update occupancy set status = 'done' where id = '" + again->id.to_string() + "'");
        EXPECT_EQ((co_await hold(s, who, tomorrow(15h), 5, true)).error().why, error::free_consultation_used);
    });
    EXPECT_EQ(count("journal where kind like 'booking.%'"), 0) << "no money moved";
}

}  // namespace
}  // namespace astrotalk::booking
