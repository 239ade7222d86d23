// Bookings of people whom staff disable or delete.
#include "booking/queries.hpp"
#include "booking/testing.hpp"

namespace astrotalk::booking {
namespace {

using namespace testing;

struct gone_test : ::testing::Test, world {
    task<booking_id> booked(service& s, user_id who, instant at) {
        const auto held = co_await hold_slot(s, user(who), fresh_key(), {astrologer, at, 30});
        const auto made = co_await book(s, user(who), fresh_key(), occupancy_id{held->id});
        co_return booking_id{made->id};
    }
    void set_enabled(user_id who, bool enabled) {
        db.execute(std::string("update pool_user set enabled = ") + (enabled ? "true" : "false") +
                   " where id = '" + who.to_string() + "'");
    }
    std::string states() {
        return db.execute(
            "select string_agg(state || coalesce(' by ' || cancelled_by, ''), ', ' order by "
            "starts_at) from booking");
    }
};

TEST_F(gone_test, bookings_with_a_disabled_astrologer_are_cancelled_with_the_money_back) {
    const user_id first = add_user(50'000), second = add_user(50'000);
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        co_await booked(s, first, tomorrow(9h));
        co_await booked(s, second, tomorrow(11h));
        set_enabled(astrologer, false);
        co_await cancel_for_gone_parties(s);
        EXPECT_EQ(states(), "cancelled by admin, cancelled by admin");
        for (const auto who : {first, second}) {
            const auto balance = co_await wallet::read_balance(pg, who);
            EXPECT_EQ(balance.cash, money{50'000});
            EXPECT_EQ(balance.held, money{0});
        }
        co_await expect_sound_ledger(pg);
    });
    EXPECT_EQ(count("outbox where kind = 'booking.cancelled'"), 2) << "the other sides are told";
    EXPECT_EQ(count("party_gone"), 0);
    EXPECT_EQ(count("audit_pending where action = 'booking.cancel' and reason is not null"), 2);
}

TEST_F(gone_test, bookings_of_a_disabled_user_are_cancelled_and_others_stand) {
    const user_id gone = add_user(), other = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        co_await booked(s, gone, tomorrow(9h));
        co_await booked(s, other, tomorrow(11h));
        set_enabled(gone, false);
        co_await cancel_for_gone_parties(s);
        EXPECT_EQ(states(), "cancelled by admin, confirmed");
        co_await expect_sound_ledger(pg);
    });
}

TEST_F(gone_test, what_has_begun_or_ended_is_left_alone) {
    const user_id who = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        co_await booked(s, who, tomorrow(9h));
        db.execute("update booking set starts_at = app_now() - interval '1 minute'");
        set_enabled(astrologer, false);
        co_await cancel_for_gone_parties(s);
    });
    EXPECT_EQ(states(), "confirmed");
    EXPECT_EQ(count("party_gone"), 0);
}

TEST_F(gone_test, whoever_may_act_again_by_then_keeps_theirs) {
    const user_id who = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        co_await booked(s, who, tomorrow(9h));
        set_enabled(who, false);
        set_enabled(who, true);
        co_await cancel_for_gone_parties(s);
    });
    EXPECT_EQ(states(), "confirmed");
    EXPECT_EQ(count("party_gone"), 0);
}

TEST_F(gone_test, two_nodes_and_the_user_cancel_each_booking_once) {
    std::vector<user_id> users;
    for (int i = 0; i < 12; ++i) users.push_back(add_user());
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        std::vector<booking_id> made;
        // More than a day away, whatever the hour: later than that the user gets less back than all.
        const auto first = tomorrow(0h) + std::chrono::days(1);
        for (std::size_t i = 0; i < users.size(); ++i)
            made.push_back(co_await booked(s, users[i], first + std::chrono::hours(i)));
        set_enabled(astrologer, false);
        auto duty = [](service& on) -> task<int> {
            co_await cancel_for_gone_parties(on);
            co_return 0;
        };
        auto own = [](service& on, user_id who, booking_id id) -> task<int> {
            co_await cancel_booking(on, user(who), fresh_key(), id, "mine");
            co_return 0;
        };
        std::vector<task<int>> racing;
        for (int i = 0; i < 3; ++i) racing.push_back(duty(s));
        for (std::size_t i = 0; i < users.size(); ++i) racing.push_back(own(s, users[i], made[i]));
        EXPECT_EQ((co_await all(std::move(racing))).size(), users.size() + 3);
        co_await expect_sound_ledger(pg);
    });
    EXPECT_EQ(count("booking where state = 'cancelled'"), 12);
    EXPECT_EQ(count("outbox where kind = 'booking.cancelled'"), 12);
    EXPECT_EQ(count("journal where kind = 'booking.void'"), 12);
    EXPECT_EQ(count("party_gone"), 0);
}

}  // namespace
}  // namespace astrotalk::booking
