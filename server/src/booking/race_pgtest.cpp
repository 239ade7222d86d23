#include <cstdlib>
#include <random>

#include "booking/testing.hpp"

namespace astrotalk::booking {
namespace {

using namespace testing;
using outcomes = std::vector<outcome<answer>>;

// The long races of `./test --full`.
int rounds(int usually, int when_long) {
    return std::getenv("ASTROTALK_LONG_TESTS") != nullptr ? when_long : usually;
}

task<void> sweep_until(pg::client& pg, bool& stop, bool& stopped) {
    while (!stop) {
        co_await expire_holds(pg);
        co_await sleep_for(2ms);
    }
    stopped = true;
}

std::size_t wins(const outcomes& all) {
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [](auto& each) { return each.has_value(); }));
}

struct race_test : ::testing::Test, world {
    // An error of the database would have thrown out of a use case and failed the test; this asks PostgreSQL
    // itself.
    void TearDown() override {
        EXPECT_EQ(db.execute("select deadlocks from pg_stat_database where datname = current_database()"),
                  "0");
        pg::testing::run(db, [](pg::client& pg) -> task<void> { co_await expect_sound_ledger(pg); });
        EXPECT_EQ(count("occupancy a join occupancy b on a.id < b.id and a.astrologer_id = b.astrologer_id "
                        "where a.status = 'active' and b.status = 'active' and a.blocked && b.blocked"),
                  0);
    }
};

TEST_F(race_test, one_of_many_wins_overlapping_times) {
    std::vector<user_id> users;
    for (int i = 0; i < rounds(40, 200); ++i) users.push_back(add_user());
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        bool stop = false, stopped = false;
        spawn(sweep_until(pg, stop, stopped));
        std::mt19937 random(1);
        for (int round = 0; round < rounds(40, 1000); ++round) {
            // Every one of these contains 9:30 to 9:45. Who holds from the round before moves here.
            static constexpr std::pair<int, int> choices[] = {{570, 15}, {570, 30}, {555, 30},
                                                              {540, 45}, {525, 60}, {570, 60}};
            const auto day = std::chrono::days(round % 25);
            std::vector<task<outcome<answer>>> racing;
            for (const user_id who : users) {
                const auto [at, minutes] = choices[random() % std::size(choices)];
                racing.push_back(hold_slot(s, user(who), fresh_key(),
                                           {astrologer, tomorrow(std::chrono::minutes(at)) + day, minutes}));
            }
            const auto results = co_await all(std::move(racing));
            EXPECT_EQ(wins(results), 1U) << round;
            for (const auto& each : results)
                if (!each) EXPECT_EQ(each.error().why, error::slot_taken);
            for (const auto& each : results) {
                if (!each) continue;
                // Half of the winners let go, so that later rounds meet both stale and released time.
                db.execute(round % 2 == 0
                               ? "update occupancy set expires_at = app_now() where status = 'active'"
                               : "update occupancy set status = 'released' where status = 'active'");
            }
        }
        stop = true;
        while (!stopped) co_await sleep_for(1ms);
    });
}

TEST_F(race_test, moving_holds_crosswise_deadlocks_nobody) {
    std::vector<user_id> users;
    for (int i = 0; i < 12; ++i) users.push_back(add_user());
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        bool stop = false, stopped = false;
        spawn(sweep_until(pg, stop, stopped));
        std::mt19937 random(2);
        for (int round = 0; round < rounds(60, 600); ++round) {
            s.hold_lifetime =
                std::chrono::seconds(random() % 3 == 0 ? 0 : 300);  // a mixture of stale and lasting
            std::vector<task<outcome<answer>>> racing;
            for (int i = 0; i < 36; ++i) {
                const auto at = 9h + 15min * static_cast<int>(random() % 8);
                racing.push_back(
                    hold_slot(s, user(users[random() % users.size()]), fresh_key(),
                              {astrologer, tomorrow(at), 15 * static_cast<int>(1 + random() % 4)}));
            }
            for (const auto& each : co_await all(std::move(racing)))
                if (!each) EXPECT_EQ(each.error().why, error::slot_taken);
        }
        stop = true;
        while (!stopped) co_await sleep_for(1ms);
    });
    EXPECT_EQ(count("(select user_id from occupancy where status = 'active' and kind = 'hold' group by 1 "
                    "having count(*) > 1) more"),
              0);
}

TEST_F(race_test, one_key_in_parallel_is_one_hold_and_one_booking) {
    const user_id who = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        for (int round = 0; round < rounds(15, 200); ++round) {
            const hold_request asked{astrologer, tomorrow(1h * (round % 20)) + std::chrono::days(round / 20),
                                     30};
            std::vector<task<outcome<answer>>> holding;
            for (int i = 0; i < 12; ++i)
                holding.push_back(hold_slot(s, user(who), key("h" + std::to_string(round)), asked));
            const auto held = co_await all(std::move(holding));
            EXPECT_EQ(wins(held), 12U);
            uuid hold{};
            for (const auto& each : held) {
                EXPECT_EQ(each->body, held.front()->body);
                if (!each->replayed) hold = each->id;
            }
            std::vector<task<outcome<answer>>> booking;
            for (int i = 0; i < 12; ++i)
                booking.push_back(book(s, user(who), key("b" + std::to_string(round)), occupancy_id{hold}));
            const auto booked = co_await all(std::move(booking));
            EXPECT_EQ(wins(booked), 12U);
            for (const auto& each : booked) EXPECT_EQ(each->body, booked.front()->body);
            EXPECT_EQ(count("booking"), round + 1);
        }
    });
}

TEST_F(race_test, a_user_ends_with_one_hold_whatever_they_try_at_once) {
    const user_id who = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        for (int round = 0; round < rounds(15, 200); ++round) {
            std::vector<task<outcome<answer>>> racing;
            for (int i = 0; i < 8; ++i)
                racing.push_back(
                    hold_slot(s, user(who), fresh_key(), {astrologer, tomorrow(9h + 15min * i), 30}));
            EXPECT_EQ(wins(co_await all(std::move(racing))),
                      8U);  // each in turn: one's own hold refuses nothing
            EXPECT_EQ(count("occupancy where status = 'active'"), 1);
        }
    });
}

// A user has one active hold, so the race is set up without the index that sees to it.
TEST_F(race_test, a_wallet_never_pays_for_more_than_it_has) {
    db.execute("drop index occupancy_one_hold");
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        for (int round = 0; round < rounds(10, 100); ++round) {
            const user_id who = add_user(30'000, 20'000);  // enough for one
            std::vector<task<outcome<answer>>> booking;
            for (int i = 0; i < 4; ++i) {
                const auto id = occupancy_id::make();
                const auto n = std::to_string(round * 4 + i);
                db.execute(
                    "insert into occupancy (id, astrologer_id, user_id, kind, span, blocked, "
                    "channel, price_per_minute, expires_at) select '" +
                    id.to_string() + "', '" + astrologer.to_string() + "', '" + who.to_string() +
                    "', 'hold', tstzrange(at, at + interval '30 minutes'), tstzrange(at, at + interval '35 "
                    "minutes'), "
                    "'chat', 1000, app_now() + interval '1 minute' from (select app_now() + interval '1 "
                    "hour' * (1 "
                    "+ " +
                    n + ")) as t (at)");
                booking.push_back(book(s, user(who), fresh_key(), id));
            }
            const auto results = co_await all(std::move(booking));
            EXPECT_EQ(wins(results), 1U);
            for (const auto& each : results)
                if (!each) EXPECT_EQ(each.error().funds->short_by, money{10'000});
        }
    });
}

// Each round, a hold is booked, cancelled, released, replaced and swept at once by everyone who may.
TEST_F(race_test, booking_against_expiry_release_and_cancellation_settles_once) {
    const user_id who = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        bool stop = false, stopped = false;
        spawn(sweep_until(pg, stop, stopped));
        std::mt19937 random(3);
        for (int round = 0; round < rounds(40, 400); ++round) {
            const instant at = tomorrow(1h * (round % 20)) + std::chrono::days(round / 20 % 25);
            const auto made = co_await hold_slot(s, user(who), fresh_key(), {astrologer, at, 30});
            const occupancy_id hold{made->id};
            if (random() % 2 == 0)
                db.execute(
                    "update occupancy set expires_at = app_now() + interval '3 milliseconds' where id = '" +
                    hold.to_string() + "'");
            std::vector<task<outcome<answer>>> racing;
            for (int i = 0; i < 4; ++i) racing.push_back(book(s, user(who), fresh_key(), hold));
            racing.push_back(hold_slot(s, user(who), fresh_key(), {astrologer, at + 15min, 30}));
            const auto results = co_await all(std::move(racing));
            std::optional<booking_id> booked;
            for (std::size_t i = 0; i < 4; ++i) {
                if (!results[i]) continue;
                EXPECT_FALSE(booked) << "booked twice";
                booked = booking_id{results[i]->id};
            }
            if (!booked) continue;
            std::vector<task<outcome<answer>>> cancelling;
            for (int i = 0; i < 3; ++i) {
                cancelling.push_back(cancel_booking(s, user(who), fresh_key(), *booked, {}));
                cancelling.push_back(
                    cancel_booking(s, {astrologer, "astrologer", "r"}, fresh_key(), *booked, {}));
            }
            cancelling.push_back(hold_slot(s, user(who), fresh_key(), {astrologer, at, 30}));
            auto ended = co_await all(std::move(cancelling));
            ended.pop_back();
            EXPECT_EQ(wins(ended), 1U);
        }
        stop = true;
        while (!stopped) co_await sleep_for(1ms);
    });
    EXPECT_EQ(count("booking where state <> 'cancelled'"), 0);
    EXPECT_EQ(count("wallet where held <> 0"), 0);
}

}  // namespace
}  // namespace astrotalk::booking
