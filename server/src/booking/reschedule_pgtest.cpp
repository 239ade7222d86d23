#include <cstdlib>
#include <random>

#include "booking/ends_testing.hpp"
#include "http/json.hpp"

namespace astrotalk::booking {
namespace {

using namespace testing;

struct reschedule_test : ends_world {
    static task<outcome<answer>> to(service& s, user_id who, booking_id id, instant at) {
        return reschedule_booking(s, user(who), fresh_key(), id, at);
    }
};

TEST_F(reschedule_test, moves_the_time_and_keeps_the_rest) {
    const user_id who = add_user(20'000, 10'000), other = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto id = co_await booked(s, who, nine);
        db.execute("update astrologer set chat_price = 9900");
        const auto before = *co_await find_booking(s, id);
        const auto moved = co_await to(s, who, id, nine + 15min);  // into its own time, too
        EXPECT_EQ(moved->status, 200);
        auto expected = before;
        expected.starts_at = nine + 15min;
        expected.ends_at = nine + 45min;
        expected.reschedules = 1;
        EXPECT_EQ(moved->body, http::to_json(expected));
        EXPECT_EQ(moved->body, http::to_json(*co_await find_booking(s, id)));
        EXPECT_TRUE(co_await to(s, who, id, nine + 5h));
        EXPECT_TRUE(co_await hold_slot(s, user(other), fresh_key(), {astrologer, nine, 45}));
    });
    EXPECT_EQ(purse_of(who), "0 0 30000 0");
    EXPECT_EQ(outbox(), "booking.confirmed booking.rescheduled booking.rescheduled");
    EXPECT_EQ(
        db.execute("select string_agg(convert_from(payload, 'UTF8')::json ->> 'moves', ' ' order by id) "
                   "from outbox where kind = 'booking.rescheduled'"),
        "1 2");
    EXPECT_EQ(count("audit_pending where action = 'booking.reschedule'"), 2);
}

TEST_F(reschedule_test, is_for_the_user_twice_and_not_in_the_last_hours) {
    const user_id who = add_user(), stranger = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto id = co_await booked(s, who, nine);
        const auto why = [&](caller by, instant at) -> task<error> {
            co_return (co_await reschedule_booking(s, by, fresh_key(), id, at)).error().why;
        };
        EXPECT_EQ(co_await why(user(stranger), nine + 1h), error::booking_not_found);
        EXPECT_EQ(co_await why(reader(), nine + 1h), error::other_side_only);
        EXPECT_EQ(co_await why(staff(), nine + 1h), error::other_side_only);
        EXPECT_EQ(co_await why(user(who), nine), error::same_time);
        EXPECT_EQ(co_await why(user(who), nine + 7min), error::slot_not_offered);
        go_to(nine - 2h + 1s);
        EXPECT_EQ(co_await why(user(who), nine + 1h), error::reschedule_too_late);
        go_to(nine - 2h - 1min);
        EXPECT_TRUE(co_await to(s, who, id, nine + 1h));
        EXPECT_TRUE(co_await to(s, who, id, nine + 2h));
        EXPECT_EQ(co_await why(user(who), nine + 3h), error::reschedules_used_up);
        go_to(nine + 2h);
        EXPECT_EQ(co_await why(user(who), nine + 4h), error::too_late);
        co_await settle_bookings(s);
        go_to(nine + 3h);
        EXPECT_EQ(co_await settle_bookings(s), 1);
        EXPECT_EQ(co_await why(user(who), nine + 5h), error::already_settled);
    });
}

TEST_F(reschedule_test, into_taken_time_is_refused_with_free_alternatives_and_leaves_all_as_it_was) {
    const user_id who = add_user(), other = add_user();
    const user_id second = add_astrologer();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto id = co_await booked(s, who, nine);
        co_await booked(s, other, nine + 2h);
        co_await booked_with(s, who, second, nine + 4h);
        const auto before = http::to_json(*co_await find_booking(s, id));
        const std::vector<std::pair<instant, error>> asked = {{nine + 2h, error::slot_taken},
                                                              {nine + 2h - 30min, error::slot_taken},
                                                              {nine + 4h, error::user_busy}};
        for (const auto& [at, why] : asked) {
            const auto refused = co_await to(s, who, id, at);
            EXPECT_EQ(refused.error().why, why);
            EXPECT_EQ(refused.error().alternatives.size(), 5U);
            for (const auto& each : refused.error().alternatives) EXPECT_NE(each.starts_at, at);
        }
        EXPECT_EQ(before, http::to_json(*co_await find_booking(s, id)));
        const auto refused = co_await to(s, who, id, nine + 2h);
        const slot free = refused.error().alternatives.front();
        EXPECT_EQ(free.ends_at - free.starts_at, 30min);
        EXPECT_TRUE(co_await to(s, who, id, free.starts_at));
    });
}

TEST_F(reschedule_test, ends_own_and_stale_holds_that_are_in_the_way_and_no_others) {
    const user_id who = add_user(), other = add_user(), third = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto id = co_await booked(s, who, nine);
        const auto mine = co_await hold_slot(s, user(who), fresh_key(), {astrologer, nine + 2h, 30});
        EXPECT_TRUE(co_await to(s, who, id, nine + 2h + 15min));
        EXPECT_FALSE(co_await view_hold(s, who, occupancy_id{mine->id}));
        const auto theirs = co_await hold_slot(s, user(other), fresh_key(), {astrologer, nine + 4h, 30});
        EXPECT_EQ((co_await to(s, who, id, nine + 4h)).error().why, error::slot_taken);
        EXPECT_TRUE(co_await view_hold(s, other, occupancy_id{theirs->id}));
        go_to(clock::now() + 301s);
        EXPECT_TRUE(co_await to(s, who, id, nine + 4h));
        EXPECT_TRUE(co_await hold_slot(s, user(third), fresh_key(), {astrologer, nine + 2h, 30}));
    });
    EXPECT_EQ(count("occupancy where status = 'expired'"), 1);
    EXPECT_EQ(count("occupancy where kind = 'hold' and status = 'replaced'"), 1);
}

TEST_F(reschedule_test, answers_its_key_again_also_in_parallel) {
    const user_id who = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto id = co_await booked(s, who, nine);
        std::vector<task<outcome<answer>>> racing;
        for (int i = 0; i < 12; ++i)
            racing.push_back(reschedule_booking(s, user(who), key("k"), id, nine + 1h));
        const auto all_of_them = co_await all(std::move(racing));
        EXPECT_EQ(wins(all_of_them), 12U);
        for (const auto& each : all_of_them) EXPECT_EQ(each->body, all_of_them.front()->body);
        const auto reused = co_await reschedule_booking(s, user(who), key("k", "other"), id, nine + 2h);
        EXPECT_EQ(reused.error().why, error::idempotency_key_reused);
    });
    EXPECT_EQ(count("booking where reschedules = 1"), 1);
    EXPECT_EQ(count("outbox where kind = 'booking.rescheduled'"), 1);
}

// Everybody wants one time, by moving a booking or by holding it; and those who have a booking sometimes want
// each other's. One has it, and PostgreSQL has not had to end a deadlock (the fixture asks).
TEST_F(reschedule_test, many_who_move_into_one_time_have_one_winner) {
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        s.terms.most_reschedules = 100;
        std::vector<std::pair<user_id, booking_id>> sold;
        for (int i = 0; i < 6; ++i) {
            const user_id who = add_user();
            sold.emplace_back(who, co_await booked(s, who, nine + 1h * i));
        }
        std::vector<user_id> holders;
        for (int i = 0; i < 4; ++i) holders.push_back(add_user());
        const int rounds = std::getenv("ASTROTALK_LONG_TESTS") != nullptr ? 200 : 12;
        for (int round = 0; round < rounds; ++round) {
            const instant wanted = nine + std::chrono::days(1 + round % 20) + 1h * (round / 20);
            std::vector<task<outcome<answer>>> racing;
            for (const auto& [who, id] : sold) racing.push_back(to(s, who, id, wanted));
            for (const user_id who : holders)
                racing.push_back(hold_slot(s, user(who), fresh_key(), {astrologer, wanted, 30}));
            const auto results = co_await all(std::move(racing));
            EXPECT_EQ(wins(results), 1U) << round;
            for (const auto& each : results)
                if (!each) EXPECT_EQ(each.error().why, error::slot_taken) << round;
            db.execute("update occupancy set status = 'released' where kind = 'hold' and status = 'active'");
        }
    });
}

TEST_F(reschedule_test, crosswise_nobody_deadlocks_and_nothing_overlaps) {
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        s.terms.most_reschedules = 100;
        std::vector<std::pair<user_id, booking_id>> sold;
        for (int i = 0; i < 4; ++i) {
            const user_id who = add_user();
            sold.emplace_back(who, co_await booked(s, who, nine + 1h * i));
        }
        std::mt19937 random(7);
        const int rounds = std::getenv("ASTROTALK_LONG_TESTS") != nullptr ? 90 : 12;
        for (int round = 0; round < rounds; ++round) {
            std::vector<task<outcome<answer>>> racing;
            for (const auto& [who, id] : sold) {
                racing.push_back(to(s, who, id, nine + 15min * static_cast<int>(random() % 20)));
                racing.push_back(hold_slot(s, user(who), fresh_key(),
                                           {astrologer, nine + 15min * static_cast<int>(random() % 20), 30}));
            }
            for (const auto& each : co_await all(std::move(racing)))
                if (!each)
                    EXPECT_TRUE(each.error().why == error::slot_taken ||
                                each.error().why == error::same_time || each.error().why == error::user_busy)
                        << static_cast<int>(each.error().why);
        }
    });
}

TEST_F(reschedule_test, against_cancelling_one_of_the_two_comes_first) {
    const user_id who = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        for (int round = 0; round < 8; ++round) {
            const instant at = nine + 1h * round;
            const auto id = co_await booked(s, who, at);
            // To the next day the refund stays whole, so cancelling is right whichever time it finds.
            std::vector<task<outcome<answer>>> racing;
            racing.push_back(to(s, who, id, at + 24h));
            racing.push_back(cancel_booking(s, reader(), fresh_key(), id, {}));
            racing.push_back(to(s, who, id, at + 48h));
            const auto results = co_await all(std::move(racing));
            EXPECT_TRUE(results[1].has_value());
            for (const auto& each : {results[0], results[2]})
                if (!each) EXPECT_EQ(each.error().why, error::already_cancelled);
        }
    });
    EXPECT_EQ(count("booking where state <> 'cancelled'"), 0);
    EXPECT_EQ(count("occupancy where status = 'active'"), 0);
}

}  // namespace
}  // namespace astrotalk::booking
