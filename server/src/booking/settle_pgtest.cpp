#include "booking/ends_testing.hpp"
#include "http/json.hpp"

namespace astrotalk::booking {
namespace {

using namespace testing;

struct settle_test : ends_world {
    static task<outcome<answer>> decide(service& s, caller who, booking_id id, verdict outcome,
                                        std::optional<money> amount = {}, std::optional<absentee> side = {}) {
        return override_booking(s, who, fresh_key(), id, {outcome, amount, side, "the recording says so"});
    }
    // How many of them staff could refund before somebody else ended them.
    task<std::int64_t> refund_all(service& s, std::vector<booking_id> ids) {
        std::int64_t ended = 0;
        for (const auto id : ids) {
            const auto done = co_await decide(s, staff(), id, verdict::refund);
            if (done && text_of(*done, "state") == "cancelled") ++ended;
        }
        co_return ended;
    }
};

TEST_F(settle_test, both_sides_check_in_around_its_time_and_the_first_time_counts) {
    const user_id who = add_user(), stranger = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto id = co_await booked(s, who, nine);
        go_to(nine - 10min - 1s);
        EXPECT_EQ((co_await check_in(s, user(who), id)).error().why, error::check_in_too_early);
        go_to(nine - 10min);
        EXPECT_EQ((co_await check_in(s, user(stranger), id)).error().why, error::booking_not_found);
        EXPECT_EQ((co_await check_in(s, staff(), id)).error().why, error::other_side_only);
        const auto first = co_await check_in(s, user(who), id);
        EXPECT_TRUE(first->user_checked_in_at);
        EXPECT_FALSE(first->astrologer_checked_in_at);
        go_to(nine + 20min);
        const auto again = co_await check_in(s, user(who), id);
        EXPECT_EQ(again->user_checked_in_at, first->user_checked_in_at);
        EXPECT_GE((co_await check_in(s, reader(), id))->astrologer_checked_in_at, nine + 20min);
        go_to(nine + 30min);
        EXPECT_EQ((co_await check_in(s, user(who), id)).error().why, error::check_in_too_late);
    });
    EXPECT_EQ(count("audit_pending where action = 'booking.check_in'"), 2);
}

TEST_F(settle_test, who_came_decides_and_the_money_follows) {
    const user_id both = add_user(40'000, 0), alone = add_user(40'000, 0), absent = add_user(40'000, 0),
                  nobody = add_user(40'000, 0);
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        std::vector<booking_id> ids;
        int at = 0;
        for (const user_id who : {both, alone, absent, nobody})
            ids.push_back(co_await booked(s, who, nine + 1h * at++));
        go_to(nine + 5min);
        EXPECT_TRUE(co_await check_in(s, user(both), ids[0]));
        EXPECT_TRUE(co_await check_in(s, reader(), ids[0]));
        go_to(nine + 45min - 1s);
        EXPECT_EQ(co_await settle_bookings(s), 0);
        go_to(nine + 45min);
        EXPECT_EQ(co_await settle_bookings(s), 1);
        EXPECT_EQ(co_await settle_bookings(s), 0);
        go_to(nine + 1h);
        EXPECT_TRUE(co_await check_in(s, user(alone), ids[1]));
        go_to(nine + 2h);
        EXPECT_TRUE(co_await check_in(s, reader(), ids[2]));
        go_to(nine + 24h);
        EXPECT_EQ(co_await settle_bookings(s), 3);
        EXPECT_EQ((co_await find_booking(s, ids[0]))->state, "completed");
        EXPECT_EQ((co_await find_booking(s, ids[1]))->no_show_by, "astrologer");
        EXPECT_EQ((co_await find_booking(s, ids[2]))->no_show_by, "user");
        EXPECT_EQ((co_await find_booking(s, ids[3]))->no_show_by, "astrologer");
        for (const auto id : ids)
            EXPECT_EQ((co_await cancel_booking(s, reader(), fresh_key(), id, {})).error().why,
                      error::already_settled);
    });
    EXPECT_EQ(purse_of(both), "10000 0 0 0");
    EXPECT_EQ(purse_of(alone), "40000 5000 0 0");
    EXPECT_EQ(purse_of(absent), "10000 0 0 0");
    EXPECT_EQ(purse_of(nobody), "40000 0 0 0");
    EXPECT_EQ(purse_of(astrologer), "0 0 0 10000");  // 15 000 twice, and 10 000 owed twice
    EXPECT_EQ(platform("commission"), "30000");
    EXPECT_EQ(platform("penalties"), "20000");
    EXPECT_EQ(count("occupancy where status = 'done'"), 4);
    EXPECT_EQ(outbox(),
              "booking.confirmed booking.confirmed booking.confirmed booking.confirmed booking.completed "
              "booking.no_show booking.no_show booking.no_show");
}

TEST_F(settle_test, a_penalty_is_owed_by_who_has_earned_nothing_yet) {
    const user_id who = add_user(30'000, 0);
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        co_await booked(s, who, nine);
        go_to(nine + 1h);
        EXPECT_EQ(co_await settle_bookings(s), 1);
        EXPECT_EQ((co_await wallet::read_balance(pg, astrologer)).earnings, money{-10'000});
        EXPECT_EQ((co_await wallet::read_balance(pg, who)).earnings, std::nullopt);
    });
}

TEST_F(settle_test, several_settlers_and_staff_at_once_end_each_booking_once) {
    const user_id other = add_astrologer();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        std::vector<booking_id> ids;
        for (int i = 0; i < 6; ++i) ids.push_back(co_await booked(s, add_user(), nine + 1h * i));
        // Each astrologer is the other's user in turn: their two wallets are wanted in both orders.
        for (int i = 6; i < 12; ++i) {
            const user_id who = i % 2 == 0 ? astrologer : other;
            top_up(who, 30'000);
            ids.push_back(co_await booked_with(s, who, i % 2 == 0 ? other : astrologer, nine + 1h * i));
        }
        db.execute("update booking set user_checked_in_at = starts_at, astrologer_checked_in_at = starts_at");
        go_to(nine + 48h);
        std::vector<task<std::int64_t>> settling;
        for (int i = 0; i < 4; ++i) settling.push_back(settle_bookings(s));
        settling.push_back(refund_all(s, {ids[11], ids[3], ids[0]}));
        std::int64_t ended = 0;
        for (const auto each : co_await all(std::move(settling))) ended += each;
        EXPECT_EQ(ended, 12);
    });
    EXPECT_EQ(count("booking where state = 'confirmed'"), 0);
    EXPECT_EQ(count("journal where kind = 'booking.capture'") + count("booking where state = 'cancelled'"),
              12);
    EXPECT_EQ(count("outbox where kind <> 'booking.confirmed'"), 12);
}

TEST_F(settle_test, staff_decide_instead_with_a_reason) {
    const user_id who = add_user(30'000, 0);
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto done = co_await booked(s, who, nine);
        EXPECT_EQ(text_of(*co_await decide(s, staff(), done, verdict::complete), "state"), "completed");
        EXPECT_EQ(purse_of(who), "0 0 0 0");
        top_up(who, 30'000);
        const auto missed = co_await booked(s, who, nine);
        const auto said = co_await decide(s, staff(), missed, verdict::no_show, {}, absentee::astrologer);
        EXPECT_EQ(text_of(*said, "noShowBy"), "astrologer");
        EXPECT_EQ(purse_of(who), "30000 0 0 0");
        const auto absent = co_await booked(s, who, nine + 1h);
        EXPECT_EQ(
            text_of(*co_await decide(s, staff(), absent, verdict::no_show, {}, absentee::user), "refund"),
            "0");
        top_up(who, 30'000);
        const auto part = co_await booked(s, who, nine + 2h);
        go_to(nine + 2h + 5min);
        EXPECT_EQ((co_await decide(s, staff(), part, verdict::refund, money{30'001})).error().why,
                  error::refund_too_large);
        EXPECT_EQ(text_of(*co_await decide(s, staff(), part, verdict::refund, money{9'999}), "refund"),
                  "9999");
        EXPECT_EQ(purse_of(who), "9999 0 0 0");
        const auto none = co_await decide(s, staff(), booking_id::make(), verdict::complete);
        EXPECT_EQ(none.error().why, error::booking_not_found);
    });
    EXPECT_EQ(count("audit_pending where action = 'booking.override' and reason = 'the recording says so'"),
              4);
}

TEST_F(settle_test, of_an_ended_booking_staff_give_back_what_is_left_as_if_it_had_never_been_kept) {
    const user_id who = add_user(20'000, 10'000);
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto id = co_await booked(s, who, nine);
        co_await decide(s, staff(), id, verdict::complete);
        EXPECT_EQ(purse_of(astrologer), "0 0 0 15000");
        for (const auto what : {verdict::complete, verdict::no_show})
            EXPECT_EQ((co_await decide(s, staff(), id, what, {}, absentee::user)).error().why,
                      error::already_settled);
        const auto some = co_await decide(s, staff(), id, verdict::refund, money{25'001});
        EXPECT_EQ(text_of(*some, "state"), "completed");
        EXPECT_EQ(text_of(*some, "refund"), "25001");
        EXPECT_EQ(purse_of(who), "20000 5001 0 0");
        EXPECT_EQ(purse_of(astrologer), "0 0 0 2500");
        EXPECT_EQ(platform("commission"), "2499");
        const auto more = co_await decide(s, staff(), id, verdict::refund, money{5'000});
        EXPECT_EQ(more.error().why, error::refund_too_large);
        EXPECT_EQ(more.error().refund, money{4'999});
        std::vector<task<outcome<answer>>> racing;
        for (int i = 0; i < 6; ++i) racing.push_back(decide(s, staff(), id, verdict::refund));
        EXPECT_EQ(wins(co_await all(std::move(racing))), 1U);
    });
    EXPECT_EQ(purse_of(who), "20000 10000 0 0");
    EXPECT_EQ(purse_of(astrologer), "0 0 0 0");
    EXPECT_EQ(platform("commission"), "0");
    EXPECT_EQ(count("booking_correction"), 2);
    EXPECT_EQ(count("audit_pending where action = 'booking.correct'"), 2);
}

TEST_F(settle_test, the_ledger_says_when_a_booking_and_its_journals_disagree) {
    const user_id who = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto id = co_await booked(s, who, nine);
        co_await decide(s, staff(), id, verdict::refund, money{10'000});
        db.execute("update booking set refund = 9999, penalty = 1");
        db.execute("update wallet set earnings = earnings + 1 where earnings > 0");
        std::vector<std::string> found;
        for (const auto& each : (co_await wallet::verify_ledger(pg)).differences) found.push_back(each.what);
        std::ranges::sort(found);
        EXPECT_EQ(found, (std::vector<std::string>{"booking kept", "booking penalty", "booking refund",
                                                   "wallet earnings"}));
        db.execute("update booking set refund = 10000, penalty = 0");
        db.execute("update wallet set earnings = earnings - 1 where earnings > 0");
        const auto accounts = co_await wallet::platform_accounts(pg);
        EXPECT_EQ(accounts.front().account, "commission");
        EXPECT_EQ(accounts.front().balance, money{10'000});
    });
}

TEST_F(settle_test, a_hold_is_extended_once_while_it_lasts) {
    const user_id who = add_user(10, 0), other = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto held = co_await hold_slot(s, user(who), fresh_key(), {astrologer, nine, 30});
        const occupancy_id id{held->id};
        const auto before = *co_await view_hold(s, who, id);
        // Who is short of money keeps the hold just as it is, and finds the money meanwhile.
        EXPECT_EQ((co_await book(s, user(who), fresh_key(), id)).error().why, error::insufficient_funds);
        EXPECT_EQ(http::to_json(*co_await view_hold(s, who, id)), http::to_json(before));
        EXPECT_EQ((co_await extend_hold(s, user(other), fresh_key(), id)).error().why, error::hold_not_found);
        std::vector<task<outcome<answer>>> racing;
        for (int i = 0; i < 6; ++i) racing.push_back(extend_hold(s, user(who), key("k"), id));
        racing.push_back(extend_hold(s, user(who), key("another"), id));
        const auto results = co_await all(std::move(racing));
        EXPECT_TRUE(wins(results) == 6U || wins(results) == 1U);
        for (const auto& each : results)
            if (!each) EXPECT_EQ(each.error().why, error::hold_extended_before);
        EXPECT_EQ((co_await view_hold(s, who, id))->expires_at, before.expires_at + s.hold_lifetime);
        go_to(before.expires_at + 299s);
        top_up(who, 30'000);
        co_await expire_holds(pg);
        EXPECT_TRUE(co_await view_hold(s, who, id));
        go_to(before.expires_at + 301s);
        EXPECT_EQ((co_await extend_hold(s, user(who), fresh_key(), id)).error().why, error::hold_expired);
        EXPECT_EQ((co_await book(s, user(who), fresh_key(), id)).error().why, error::hold_expired);
    });
    EXPECT_EQ(count("audit_pending where action = 'hold.extend'"), 1);
}

}  // namespace
}  // namespace astrotalk::booking
