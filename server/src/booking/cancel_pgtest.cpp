#include "booking/ends_testing.hpp"
#include "http/json.hpp"

namespace astrotalk::booking {
namespace {

using namespace testing;

using cancel_test = ends_world;

TEST_F(cancel_test, gives_the_money_back_to_where_it_came_from_and_frees_the_time) {
    const user_id who = add_user(50'000, 10'000), other = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto id = co_await booked(s, who, nine);
        const auto done = co_await cancel_booking(s, user(who), fresh_key(), id, "changed my mind");
        EXPECT_EQ(done->status, 200);
        EXPECT_EQ(text_of(*done, "state"), "cancelled");
        EXPECT_EQ(text_of(*done, "cancelledBy"), "user");
        EXPECT_EQ(text_of(*done, "refund"), "30000");
        EXPECT_EQ(http::to_json(*co_await find_booking(s, id)), done->body);
        EXPECT_TRUE(co_await hold_slot(s, user(other), fresh_key(), {astrologer, nine, 30}));
    });
    EXPECT_EQ(purse_of(who), "50000 10000 0 0");
    EXPECT_EQ(count("journal where kind = 'booking.void'"), 1);
    EXPECT_EQ(count("journal where kind in ('booking.capture', 'promotion.apology')"), 0);
    EXPECT_EQ(count("wallet_hold where status = 'voided'"), 1);
    EXPECT_EQ(outbox(), "booking.confirmed booking.cancelled");
    EXPECT_EQ(count("audit_pending where action = 'booking.cancel' and reason = 'changed my mind'"), 1);
}

TEST_F(cancel_test, gives_a_part_back_on_the_last_day_and_nothing_in_the_last_hours) {
    const user_id first = add_user(50'000, 10'000), second = add_user(20'000, 10'000);
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto one = co_await booked(s, first, nine), two = co_await booked(s, second, nine + 1h);
        go_to(nine - 23h);
        const auto half = co_await cancel_booking(s, user(first), fresh_key(), one, {});
        EXPECT_EQ(text_of(*half, "refund"), "15000");
        go_to(nine);  // an hour before the second
        const auto none = co_await cancel_booking(s, user(second), fresh_key(), two, {});
        EXPECT_EQ(text_of(*none, "refund"), "0");
    });
    // Of the 15 000 that are kept the bonus is first; half of it is the platform's.
    EXPECT_EQ(purse_of(first), "45000 0 0 0");
    EXPECT_EQ(purse_of(second), "0 0 0 0");
    EXPECT_EQ(purse_of(astrologer), "0 0 0 22500");
    EXPECT_EQ(platform("commission"), "22500");
    EXPECT_EQ(count("journal where kind = 'booking.capture'"), 2);
    EXPECT_EQ(count("journal where kind = 'booking.void'"), 1);
    EXPECT_EQ(count("wallet_hold where status = 'captured'"), 2);
}

TEST_F(cancel_test, by_another_side_gives_all_back_with_an_apology) {
    const user_id who = add_user(30'000, 0), stranger = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto first = co_await booked(s, who, nine);
        const auto no = co_await cancel_booking(s, user(stranger), fresh_key(), first, {});
        EXPECT_EQ(no.error().why, error::booking_not_found);
        const auto none = co_await cancel_booking(s, user(who), fresh_key(), booking_id::make(), {});
        EXPECT_EQ(none.error().why, error::booking_not_found);
        go_to(nine - 1h);
        const auto theirs = co_await cancel_booking(s, reader(), fresh_key(), first, {});
        EXPECT_EQ(text_of(*theirs, "cancelledBy"), "astrologer");
        EXPECT_EQ(text_of(*theirs, "refund"), "30000");
        EXPECT_EQ(text_of(*theirs, "apology"), "5000");
        EXPECT_EQ(purse_of(who), "30000 5000 0 0");
        const auto second = co_await booked(s, who, nine + 3h);
        const auto by_staff = co_await cancel_booking(s, staff(), fresh_key(), second, "a dispute");
        EXPECT_EQ(text_of(*by_staff, "cancelledBy"), "admin");
    });
    EXPECT_EQ(purse_of(who), "30000 10000 0 0");
    EXPECT_EQ(purse_of(astrologer), "0 0 0 0");
    EXPECT_EQ(count("journal where kind = 'promotion.apology'"), 2);
}

TEST_F(cancel_test, happens_once_and_answers_its_key_again) {
    const user_id who = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto id = co_await booked(s, who, nine);
        const auto first = co_await cancel_booking(s, user(who), key("k"), id, {});
        const auto again = co_await cancel_booking(s, user(who), key("k"), id, {});
        EXPECT_TRUE(again->replayed);
        EXPECT_EQ(first->body, again->body);
        EXPECT_EQ((co_await cancel_booking(s, user(who), fresh_key(), id, {})).error().why,
                  error::already_cancelled);
        const auto reused = co_await cancel_booking(s, user(who), key("k", "other"), id, {});
        EXPECT_EQ(reused.error().why, error::idempotency_key_reused);
    });
    EXPECT_EQ(count("journal where kind = 'booking.void'"), 1);
}

TEST_F(cancel_test, is_too_late_once_it_has_started) {
    const user_id who = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto id = co_await booked(s, who, nine);
        go_to(nine);
        for (const auto& each : {user(who), reader(), staff()}) {
            EXPECT_EQ((co_await cancel_booking(s, each, fresh_key(), id, {})).error().why, error::too_late);
            EXPECT_EQ((co_await preview_cancellation(s, each, id)).error().why, error::too_late);
        }
    });
}

TEST_F(cancel_test, pays_what_was_shown_or_does_nothing) {
    const user_id who = add_user(20'000, 10'000);
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto id = co_await booked(s, who, nine);
        go_to(nine - 25h);
        const auto early = co_await preview_cancellation(s, user(who), id);
        EXPECT_EQ(early->refund, money{30'000});
        EXPECT_EQ(early->full_refund_until, nine - 24h);
        EXPECT_EQ(early->part_refund_until, nine - 2h);
        EXPECT_EQ((co_await preview_cancellation(s, reader(), id))->apology, money{5'000});
        go_to(nine - 20h);
        const auto refused = co_await cancel_booking(s, user(who), fresh_key(), id, {}, early->refund);
        EXPECT_EQ(refused.error().why, error::refund_changed);
        EXPECT_EQ(refused.error().refund, money{15'000});
        EXPECT_EQ((co_await find_booking(s, id))->state, "confirmed");
        EXPECT_EQ(purse_of(who), "0 0 30000 0");
        const auto later = co_await preview_cancellation(s, user(who), id);
        EXPECT_EQ(later->cash, money{15'000});
        EXPECT_EQ(later->bonus, money{0});
        const auto done = co_await cancel_booking(s, user(who), fresh_key(), id, {}, later->refund);
        EXPECT_EQ(text_of(*done, "refund"), "15000");
    });
    EXPECT_EQ(purse_of(who), "15000 0 0 0");
}

TEST_F(cancel_test, goes_by_the_policy_that_was_in_force_when_it_was_sold) {
    const user_id who = add_user(60'000, 0);
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto before = co_await booked(s, who, nine);
        s.terms.version = "harder";
        s.terms.full_refund_hours = 1'000;
        s.terms.part_refund_percent = 10;
        s.terms.commission_basis_points = 10'000;
        const auto after = co_await booked(s, who, nine + 1h);
        EXPECT_EQ((co_await find_booking(s, before))->policy.version, "1");
        EXPECT_EQ((co_await find_booking(s, after))->policy.version, "harder");
        EXPECT_EQ(text_of(*co_await cancel_booking(s, user(who), fresh_key(), before, {}), "refund"),
                  "30000");
        EXPECT_EQ(text_of(*co_await cancel_booking(s, user(who), fresh_key(), after, {}), "refund"), "3000");
    });
    EXPECT_EQ(purse_of(who), "33000 0 0 0");
    EXPECT_EQ(platform("commission"), "27000");
    for (const auto* change :
         {"policy = '{\"version\": \"x\", \"settleMinutes\": 1}'", "price = 1", "channel = 'call'"})
        EXPECT_THROW(db.execute(std::string("update booking set ") + change), std::exception) << change;
    EXPECT_THROW(db.execute("update booking set state = 'completed'"), std::exception);
}

}  // namespace
}  // namespace astrotalk::booking
