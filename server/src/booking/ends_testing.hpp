// What the tests of how bookings end stand on: a world whose clock they move, and the money after everything.
#pragma once

#include "booking/testing.hpp"

namespace astrotalk::booking::testing {

// The clock goes back to the real one with the test.
struct ends_world : ::testing::Test, world {
    static constexpr std::int64_t purse = 10'000'000;

    // Three days from now at 09:00: whatever the hour, more than a day away.
    instant nine = tomorrow(9h) + std::chrono::days(2);

    ~ends_world() override { clock::advance(-clock::offset()); }
    static void go_to(instant at) { clock::advance(at - clock::now()); }

    // An error of the database would have thrown; this asks PostgreSQL itself.
    void TearDown() override {
        EXPECT_EQ(db.execute("select deadlocks from pg_stat_database where datname = current_database()"),
                  "0");
        pg::testing::run(db, [](pg::client& pg) -> task<void> { co_await expect_sound_ledger(pg); });
        EXPECT_EQ(count("occupancy a join occupancy b on a.id < b.id and a.status = 'active' and b.status = "
                        "'active' where (a.astrologer_id = b.astrologer_id and a.blocked && b.blocked) or "
                        "(a.user_id = b.user_id and a.span && b.span)"),
                  0);
        EXPECT_EQ(
            count("occupancy o left join booking b on b.occupancy_id = o.id where o.kind = 'booking' and "
                  "(o.status = 'active') <> (b.state is not distinct from 'confirmed')"),
            0);
        EXPECT_EQ(count("booking b join occupancy o on o.id = b.occupancy_id where o.span <> "
                        "tstzrange(b.starts_at, b.ends_at)"),
                  0);
    }

    // Thirty minutes of chat with the astrologer of this world: 30 000 paise.
    task<booking_id> booked(service& s, user_id who, instant at) {
        return booked_with(s, who, astrologer, at);
    }
    static task<booking_id> booked_with(service& s, user_id who, user_id with, instant at) {
        const auto held = co_await hold_slot(s, user(who), fresh_key(), {with, at, 30});
        EXPECT_TRUE(held.has_value());
        const auto made = co_await book(s, user(who), fresh_key(), occupancy_id{held->id});
        EXPECT_TRUE(made.has_value());
        co_return booking_id{made->id};
    }
    // More cash, as often as a test likes.
    void top_up(user_id who, std::int64_t paise) {
        const auto owner = who.to_string(), journal = journal_id::make().to_string(),
                   amount = std::to_string(paise);
        db.execute("insert into journal (id, kind, reference_id) values ('" + journal +
                   "', 'promotion.test', '" + journal + "'); insert into posting values ('" + journal +
                   "', 1, " + std::string(nil) + ", 'promotions', '" + owner + "', 'cash', " + amount +
                   "); update wallet set cash = cash + " + amount + " where owner_id = '" + owner + "'");
    }
    caller reader() const { return {astrologer, "astrologer", "a-test"}; }
    caller staff() const { return {user_id{uuid{}}, "admin", "a-test"}; }

    // "cash bonus held earnings", in paise.
    std::string purse_of(user_id who) const {
        return db.execute(
            "select concat_ws(' ', cash, bonus, held, earnings) from wallet where owner_id = '" +
            who.to_string() + "'");
    }
    std::string platform(const std::string& account) const {
        return db.execute("select coalesce(sum(case when credit_account = '" + account +
                          "' then amount else -amount end), 0) from posting where '" + account +
                          "' in (credit_account, debit_account)");
    }
    std::string outbox() const { return db.execute("select string_agg(kind, ' ' order by id) from outbox"); }
};

inline std::size_t wins(const std::vector<outcome<answer>>& all) {
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [](auto& each) { return each.has_value(); }));
}

}  // namespace astrotalk::booking::testing
