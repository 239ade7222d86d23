#include "booking/testing.hpp"

namespace astrotalk::booking {
namespace {

using namespace testing;

struct funnel_test : ::testing::Test, world {
    const instant today = std::chrono::floor<std::chrono::days>(clock::now());

    std::string engagement() {
        return db.execute(
            "select string_agg(step || coalesce(nullif('.' || code, '.'), '') || ' ' || times, "
            "', ' order by step, code) from engagement");
    }
};

// The counters are the process's, so what came before is flushed away first.
TEST_F(funnel_test, what_was_seen_is_added_to_its_day_once) {
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        funnel::tally counted;
        co_await counted.flush(pg);
        db.execute("delete from engagement");
        for (int i = 0; i < 3; ++i) funnel::saw("GET /v1/astrologers", 200);
        funnel::saw("GET /v1/astrologers", 304);
        funnel::saw("GET /v1/astrologers", 422);
        funnel::saw("GET /v1/astrologers/{id}", 200);
        funnel::saw("GET /v1/astrologers/{id}/slots", 200);
        funnel::saw("GET /v1/wallet", 200);
        funnel::held();
        funnel::refused_hold("slot_taken");
        funnel::refused_hold("slot_taken");
        co_await counted.flush(pg);
        const auto first = "hold 1, hold_refused.slot_taken 2, listing 4, profile 1, slots 1";
        EXPECT_EQ(engagement(), first);
        co_await counted.flush(pg);
        EXPECT_EQ(engagement(), first);
        funnel::held();
        co_await counted.flush(pg);
        EXPECT_EQ(engagement(), "hold 2, hold_refused.slot_taken 2, listing 4, profile 1, slots 1");
    });
}

TEST_F(funnel_test, what_the_database_did_not_take_is_added_later) {
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        funnel::tally counted;
        co_await counted.flush(pg);
        db.execute("delete from engagement; alter table engagement rename to away");
        funnel::held();
        EXPECT_THROW(co_await counted.flush(pg), std::exception);
        db.execute("alter table away rename to engagement");
        funnel::held();
        co_await counted.flush(pg);
        EXPECT_EQ(engagement(), "hold 2");
    });
}

TEST_F(funnel_test, nodes_that_add_at_once_lose_nothing_and_do_not_deadlock) {
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        funnel::held();
        funnel::saw("GET /v1/astrologers", 200);
        funnel::refused_hold("user_busy");
        funnel::tally one;
        co_await one.flush(pg);
        const auto once = std::stoll(db.execute("select sum(times) from engagement"));
        db.execute("delete from engagement");
        auto node = [](pg::client& on) -> task<int> {
            funnel::tally all_of_it;
            co_await all_of_it.flush(on);
            co_return 0;
        };
        std::vector<task<int>> racing;
        for (int i = 0; i < 20; ++i) racing.push_back(node(pg));
        co_await all(std::move(racing));
        EXPECT_EQ(std::stoll(db.execute("select sum(times) from engagement")), 20 * once);
    });
    EXPECT_EQ(db.execute("select deadlocks from pg_stat_database where datname = current_database()"), "0");
}

TEST_F(funnel_test, says_how_far_bookings_came_and_where_they_ended) {
    const user_id who = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        std::vector<booking_id> made;
        for (int i = 0; i < 5; ++i) {
            const auto held = co_await hold_slot(s, user(who), fresh_key(),
                                                 {astrologer, tomorrow(std::chrono::minutes(60 * i)), 30});
            const auto booked = co_await book(s, user(who), fresh_key(), occupancy_id{held->id});
            made.push_back(booking_id{booked->id});
        }
        co_await cancel_booking(s, user(who), fresh_key(), made[0], {});
        db.execute(
            "update booking set starts_at = cancelled_at + interval '30 hours' where state = 'cancelled'");
        co_await cancel_booking(s, {astrologer, "astrologer", "r"}, fresh_key(), made[1], {});
        db.execute(
            "update booking set starts_at = cancelled_at + interval '3 hours' "
            "where cancelled_by = 'astrologer'");
        db.execute("update booking set state = 'completed' where id = '" + made[2].to_string() +
                   "'; update booking set state = 'no_show', no_show_by = 'user' where id = '" +
                   made[3].to_string() + "'");
        db.execute(
            "insert into engagement values (app_now()::date, 'slots', '', 20), (app_now()::date, 'hold', '', "
            "10), (app_now()::date, 'hold_refused', 'slot_taken', 7), (app_now()::date - 40, 'slots', '', "
            "99) "
            "on conflict do nothing");
        const auto found = co_await funnel::read(pg, {today, today + std::chrono::days(1)});
        std::string steps;
        for (const auto& each : found.steps)
            steps += fmt::format("{} {} {}, ", each.name, each.times, each.rate.value_or(-1));
        EXPECT_EQ(steps,
                  "listing 0 -1, profile 0 -1, slots 20 -1, hold 10 0.5, booked 5 0.5, completed 1 0.2, ");
        EXPECT_EQ(found.refused_holds.at(0).code, "slot_taken");
        EXPECT_EQ(found.refused_holds.at(0).times, 7);
        EXPECT_EQ(found.cancellations.size(), 2u);
        EXPECT_EQ(found.cancellations.at(0).by + found.cancellations.at(0).notice, "astrologerhours");
        EXPECT_EQ(found.cancellations.at(1).by + found.cancellations.at(1).notice, "userday");
        EXPECT_EQ(found.no_shows.at(0).bookings, 1);
        EXPECT_EQ(found.cancellation_rate, 0.4);
        EXPECT_EQ(found.no_show_rate, 0.5);
        const auto before = co_await funnel::read(pg, {today - std::chrono::days(90), today});
        EXPECT_EQ(before.steps.at(2).times, 99);
        EXPECT_EQ(before.steps.at(4).times, 0);
        EXPECT_FALSE(before.no_show_rate);
        co_await funnel::measure(pg);
    });
}

}  // namespace
}  // namespace astrotalk::booking
