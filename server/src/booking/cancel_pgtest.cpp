#include "booking/testing.hpp"
#include "http/json.hpp"

namespace astrotalk::booking {
namespace {

using namespace testing;

struct cancel_test : ::testing::Test, world {
    task<booking_id> booked(service& s, user_id who, instant at) {
        const auto held = co_await hold_slot(s, user(who), fresh_key(), {astrologer, at, 30});
        const auto made = co_await book(s, user(who), fresh_key(), occupancy_id{held->id});
        co_return booking_id{made->id};
    }
};

TEST_F(cancel_test, gives_the_money_back_to_where_it_came_from_and_frees_the_time) {
    const user_id who = add_user(50'000, 10'000), other = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto id = co_await booked(s, who, tomorrow(9h));
        const auto done = co_await cancel_booking(s, user(who), fresh_key(), id, "changed my mind");
        EXPECT_EQ(done->status, 200);
        EXPECT_EQ(text_of(*done, "state"), "cancelled");
        EXPECT_EQ(text_of(*done, "cancelledBy"), "user");
        EXPECT_EQ(text_of(*done, "refund"), "30000");
        EXPECT_EQ(http::to_json(*co_await find_booking(s, id)), done->body);
        const auto balance = co_await wallet::read_balance(pg, who);
        EXPECT_EQ(balance.bonus, money{10'000});
        EXPECT_EQ(balance.cash, money{50'000});
        EXPECT_EQ(balance.held, money{0});
        EXPECT_TRUE(co_await hold_slot(s, user(other), fresh_key(), {astrologer, tomorrow(9h), 30}));
        co_await expect_sound_ledger(pg);
    });
    EXPECT_EQ(count("journal where kind = 'booking.void'"), 1);
    EXPECT_EQ(count("wallet_hold where status = 'voided'"), 1);
    EXPECT_EQ(count("outbox where kind = 'booking.cancelled'"), 1);
    EXPECT_EQ(count("audit_pending where action = 'booking.cancel' and reason = 'changed my mind'"), 1);
}

TEST_F(cancel_test, is_for_the_two_sides_and_staff) {
    const user_id who = add_user(), stranger = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto first = co_await booked(s, who, tomorrow(9h)),
                   second = co_await booked(s, who, tomorrow(11h));
        const auto no = co_await cancel_booking(s, user(stranger), fresh_key(), first, {});
        EXPECT_EQ(no.error().why, error::booking_not_found);
        const auto none = co_await cancel_booking(s, user(who), fresh_key(), booking_id::make(), {});
        EXPECT_EQ(none.error().why, error::booking_not_found);
        const auto theirs =
            co_await cancel_booking(s, {astrologer, "astrologer", "r"}, fresh_key(), first, {});
        EXPECT_EQ(text_of(*theirs, "cancelledBy"), "astrologer");
        const auto staff =
            co_await cancel_booking(s, {stranger, "admin", "r"}, fresh_key(), second, "a dispute");
        EXPECT_EQ(text_of(*staff, "cancelledBy"), "admin");
        co_await expect_sound_ledger(pg);
    });
}

TEST_F(cancel_test, happens_once_and_answers_its_key_again) {
    const user_id who = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto id = co_await booked(s, who, tomorrow(9h));
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
        const auto id = co_await booked(s, who, tomorrow(9h));
        db.execute("update booking set starts_at = app_now() - interval '1 minute'");
        EXPECT_EQ((co_await cancel_booking(s, user(who), fresh_key(), id, {})).error().why, error::too_late);
        co_await expect_sound_ledger(pg);
    });
}

}  // namespace
}  // namespace astrotalk::booking
