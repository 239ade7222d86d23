#include "booking/testing.hpp"
#include "http/json.hpp"
#include "http/page.hpp"

namespace astrotalk::booking {
namespace {

using namespace testing;

struct book_test : ::testing::Test, world {
    task<occupancy_id> held(service& s, user_id who, instant at, std::int32_t minutes = 30) {
        const auto made = co_await hold_slot(s, user(who), fresh_key(), {astrologer, at, minutes});
        co_return occupancy_id{made->id};
    }
};

TEST_F(book_test, pays_bonus_first_and_records_everything_once) {
    const user_id who = add_user(50'000, 10'000);
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto made = co_await book(s, user(who), fresh_key(), co_await held(s, who, tomorrow(9h)));
        EXPECT_EQ(made->status, 201);
        EXPECT_EQ(text_of(*made, "price"), "30000");
        EXPECT_EQ(text_of(*made, "state"), "confirmed");
        EXPECT_EQ(text_of(*made, "astrologerName"), "Meera");
        const auto balance = co_await wallet::read_balance(pg, who);
        EXPECT_EQ(balance.bonus, money{0});
        EXPECT_EQ(balance.cash, money{30'000});
        EXPECT_EQ(balance.held, money{30'000});
        const auto journals = co_await wallet::list_journals(pg, who, journal_id{http::highest_id}, 10);
        EXPECT_EQ(journals.front().kind, "booking.hold");
        EXPECT_EQ(journals.front().postings.size(), 4U);
        const auto found = co_await find_booking(s, booking_id{made->id});
        EXPECT_EQ(http::to_json(*found), made->body);
        EXPECT_EQ((co_await list_bookings_of_user(s, who, booking_id{http::highest_id}, 5)).size(), 1U);
        EXPECT_EQ(
            (co_await list_bookings_of_astrologer(s, astrologer, booking_id{http::highest_id}, 5)).size(),
            1U);
        EXPECT_EQ(
            db.execute("select convert_from(payload, 'UTF8') from outbox where kind = 'booking.confirmed'"),
            "{\"bookingId\":\"" + made->id.to_string() + "\"}");
        co_await expect_sound_ledger(pg);
    });
    EXPECT_EQ(count("audit_pending where action = 'booking.create'"), 1);
    EXPECT_EQ(count("occupancy where kind = 'booking' and status = 'active' and expires_at is null"), 1);
}

TEST_F(book_test, says_by_how_much_the_wallet_is_short) {
    const user_id poor = add_user(10'000, 5'000);
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto id = co_await held(s, poor, tomorrow(9h));
        const auto refused = co_await book(s, user(poor), key("k"), id);
        EXPECT_EQ(refused.error().why, error::insufficient_funds);
        EXPECT_EQ(refused.error().funds->short_by, money{15'000});
        EXPECT_EQ(refused.error().funds->available, money{15'000});
        // The hold stays, and so the same key may try again with more money.
        db.execute("update wallet set cash = cash + 15000 where owner_id = '" + poor.to_string() + "'");
        EXPECT_TRUE(co_await book(s, user(poor), key("k"), id));
        EXPECT_EQ((co_await wallet::verify_ledger(pg)).differences.size(), 1U);  // the money from nowhere
    });
}

TEST_F(book_test, needs_a_hold_of_its_own_that_lasts) {
    const user_id who = add_user(), other = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto id = co_await held(s, who, tomorrow(9h));
        const auto why = [&](user_id by, occupancy_id what) -> task<error> {
            co_return (co_await book(s, user(by), fresh_key(), what)).error().why;
        };
        EXPECT_EQ(co_await why(other, id), error::hold_not_found);
        EXPECT_EQ(co_await why(who, occupancy_id::make()), error::hold_not_found);
        EXPECT_TRUE(co_await release_hold(s, user(who), id));
        EXPECT_EQ(co_await why(who, id), error::hold_expired);
        s.hold_lifetime = 0s;
        const auto late = co_await held(s, who, tomorrow(9h));
        EXPECT_EQ(co_await why(who, late), error::hold_expired);
        s.hold_lifetime = 300s;
        const auto good = co_await held(s, who, tomorrow(9h));
        EXPECT_TRUE(co_await book(s, user(who), fresh_key(), good));
        EXPECT_EQ(co_await why(who, good), error::hold_expired);
        co_await expect_sound_ledger(pg);
    });
    EXPECT_EQ(count("booking"), 1);
}

TEST_F(book_test, whoever_may_not_act_any_more_neither_books_nor_is_booked) {
    const user_id who = add_user(), other = add_user();
    const auto disable = [&](user_id id) {
        db.execute("update pool_user set enabled = false where id = '" + id.to_string() + "'");
    };
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto mine = co_await held(s, who, tomorrow(9h)),
                   theirs = co_await held(s, other, tomorrow(12h));
        disable(who);
        EXPECT_EQ((co_await book(s, user(who), fresh_key(), mine)).error().why, error::hold_expired);
        disable(astrologer);
        EXPECT_EQ((co_await book(s, user(other), fresh_key(), theirs)).error().why, error::hold_expired);
        const hold_request more{astrologer, tomorrow(15h), 30};
        EXPECT_EQ((co_await hold_slot(s, user(other), fresh_key(), more)).error().why,
                  error::astrologer_not_found);
        co_await expect_sound_ledger(pg);
    });
    EXPECT_EQ(count("booking"), 0);
}

constexpr pg::statement lock_people{
    "test.lock_people", "select count(*) from (select id from pool_user order by id for update) l", 0};
constexpr pg::statement disable_people{"test.disable_people", "update pool_user set enabled = false", 0};

// The booking has read its terms and waits for the row of one who is being disabled.
TEST_F(book_test, a_booking_that_waits_for_the_disabling_of_its_parties_finds_them_gone) {
    const user_id who = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto mine = co_await held(s, who, tomorrow(9h));
        std::optional<error> why;
        bool begun = false;
        const auto try_it = [](service& on, user_id by, occupancy_id what,
                               std::optional<error>& into) -> task<void> {
            const auto made = co_await book(on, user(by), fresh_key(), what);
            if (!made) into = made.error().why;
        };
        co_await pg.transact([&](pg::transaction& t) -> task<void> {
            co_await t.query<std::int64_t>(lock_people);
            if (!std::exchange(begun, true)) spawn(try_it(s, who, mine, why));
            while (!db.has_waiter()) co_await sleep_for(1ms);
            co_await t.execute(disable_people);
        });
        while (!why) co_await sleep_for(1ms);
        EXPECT_EQ(*why, error::hold_expired);
        co_await expect_sound_ledger(pg);
    });
    EXPECT_EQ(count("booking"), 0);
}

TEST_F(book_test, answers_its_key_again) {
    const user_id who = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto id = co_await held(s, who, tomorrow(9h));
        const auto first = co_await book(s, user(who), key("k", "a"), id);
        const auto again = co_await book(s, user(who), key("k", "a"), id);
        EXPECT_TRUE(again->replayed);
        EXPECT_EQ(first->body, again->body);
        const auto next = co_await held(s, who, tomorrow(11h));
        EXPECT_EQ((co_await book(s, user(who), key("k", "b"), next)).error().why,
                  error::idempotency_key_reused);
        EXPECT_TRUE(co_await view_hold(s, who, next));
    });
    EXPECT_EQ(count("booking"), 1);
}

TEST_F(book_test, an_unknown_wallet_is_an_empty_one) {
    const user_id who = add_user(0);
    db.execute("delete from wallet where owner_id = '" + who.to_string() + "'");
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto refused = co_await book(s, user(who), fresh_key(), co_await held(s, who, tomorrow(9h)));
        EXPECT_EQ(refused.error().funds->short_by, money{30'000});
    });
}

}  // namespace
}  // namespace astrotalk::booking
