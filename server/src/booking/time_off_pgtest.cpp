// Time off: against holds, over bookings, and in a race with both.
#include "booking/availability.hpp"
#include "booking/end_booking.hpp"
#include "booking/testing.hpp"

namespace astrotalk::booking {
namespace {

using namespace testing;

struct time_off_test : ::testing::Test, world {
    void TearDown() override {
        EXPECT_EQ(db.execute("select deadlocks from pg_stat_database where datname = current_database()"),
                  "0");
        pg::testing::run(db, [](pg::client& pg) -> task<void> { co_await expect_sound_ledger(pg); });
        EXPECT_EQ(count("occupancy a join occupancy b on a.id < b.id and a.astrologer_id = b.astrologer_id "
                        "where a.status = 'active' and b.status = 'active' and a.blocked && b.blocked"),
                  0);
        EXPECT_EQ(count("booking b join occupancy o on o.id = b.occupancy_id where b.state = 'confirmed' and "
                        "(o.status <> 'active' or o.astrologer_id <> b.astrologer_id)"),
                  0);
    }
    caller me() const { return {astrologer, "astrologer", "a-test"}; }
    task<outcome<answer>> hold(service& s, user_id who, instant at, std::int32_t minutes = 30) {
        return hold_slot(s, user(who), fresh_key(), {astrologer, at, minutes, channel::chat});
    }
    task<booking_id> booked(service& s, user_id who, instant at, std::int32_t minutes = 30) {
        const auto held = co_await hold(s, who, at, minutes);
        const auto made = co_await book(s, user(who), fresh_key(), occupancy_id{held->id});
        co_return booking_id{made->id};
    }
    task<outcome<answer>> off(service& s, instant from, instant to, std::optional<way_out> how = {}) {
        return take_time_off(s, me(), fresh_key(), {from, to, how});
    }
    std::string wallet_of(user_id who) const {
        return db.execute("select cash || ' ' || held from wallet where owner_id = '" + who.to_string() +
                          "'");
    }
};

TEST_F(time_off_test, is_taken_once_seen_by_slots_and_given_back) {
    const user_id who = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const http::idempotency_key key = testing::key("off");
        const time_off_request asked{tomorrow(9h), tomorrow(11h)};
        const auto taken = co_await take_time_off(s, me(), key, asked);
        EXPECT_EQ(taken->status, 201);
        EXPECT_EQ((co_await take_time_off(s, me(), key, asked))->body, taken->body);
        EXPECT_EQ((co_await off(s, tomorrow(10h), tomorrow(12h))).error().why, error::time_off_overlaps);
        EXPECT_TRUE(co_await off(s, tomorrow(11h), tomorrow(12h)));
        EXPECT_EQ((co_await list_time_off(s, astrologer)).size(), 2U);
        const auto seen =
            co_await list_slots(s, who, astrologer, {tomorrow(8h), tomorrow(13h)}, 30, channel::chat);
        EXPECT_EQ(seen->items.size(), 6U);  // 8:00, 8:15, and from 12:00 on
        EXPECT_EQ((co_await hold(s, who, tomorrow(10h))).error().why, error::slot_taken);
        EXPECT_FALSE(co_await end_time_off(s, {who, "astrologer", ""}, occupancy_id{taken->id}));
        EXPECT_TRUE(co_await end_time_off(s, me(), occupancy_id{taken->id}));
        EXPECT_FALSE(co_await end_time_off(s, me(), occupancy_id{taken->id}));
        EXPECT_TRUE(co_await hold(s, who, tomorrow(10h)));
        const auto begun = co_await off(s, clock::now() - 1h, clock::now() + 5min);
        EXPECT_TRUE(begun) << "what is over is left out";
    });
    EXPECT_EQ(count("audit_pending where action like 'time_off.%'"), 4);
}

TEST_F(time_off_test, says_which_bookings_are_in_the_way) {
    const user_id one = add_user(), two = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto first = co_await booked(s, one, tomorrow(9h));
        EXPECT_TRUE(co_await hold(s, two, tomorrow(10h)));
        const auto refused = co_await off(s, tomorrow(9h + 15min), tomorrow(11h));
        EXPECT_EQ(refused.error().why, error::bookings_in_the_way);
        EXPECT_EQ(refused.error().in_the_way, std::vector<booking_id>{first});
        EXPECT_EQ(refused.error().holds, 1);
        // A buffer is the astrologer's own: time off may begin where the consultation ends.
        const auto after = co_await off(s, tomorrow(9h + 30min), tomorrow(10h));
        EXPECT_TRUE(after);
        EXPECT_EQ(db.execute("select upper(blocked) = upper(span) from occupancy where kind = 'booking'"),
                  "t");
        EXPECT_EQ((co_await find_booking(s, first))->state, "confirmed");
    });
}

TEST_F(time_off_test, refunds_every_booking_in_one_go) {
    const user_id one = add_user(), two = add_user(), holder = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto first = co_await booked(s, one, tomorrow(9h)),
                   second = co_await booked(s, two, tomorrow(10h)),
                   third = co_await booked(s, one, tomorrow(11h));
        const auto kept = co_await booked(s, two, tomorrow(13h));
        const auto held = co_await hold(s, holder, tomorrow(12h));
        const auto taken = co_await off(s, tomorrow(9h), tomorrow(13h), way_out::refund);
        EXPECT_EQ(boost::json::parse(taken->body).at("refunded").as_array().size(), 3U);
        for (const auto each : {first, second, third}) {
            const auto b = co_await find_booking(s, each);
            EXPECT_EQ(b->state, "cancelled");
            EXPECT_EQ(b->cancelled_by, "astrologer");
            EXPECT_EQ(b->refund, b->price);
        }
        EXPECT_EQ((co_await find_booking(s, kept))->state, "confirmed");
        EXPECT_EQ((co_await book(s, user(holder), fresh_key(), occupancy_id{held->id})).error().why,
                  error::hold_expired);
    });
    EXPECT_EQ(wallet_of(one), "10000000 0");
    EXPECT_EQ(wallet_of(two), "9970000 30000");
    EXPECT_EQ(count("outbox where kind = 'booking.cancelled'"), 3);
}

TEST_F(time_off_test, gives_bookings_to_who_is_free_then_and_refunds_the_rest) {
    const user_id one = add_user(), two = add_user();
    const user_id stand_in = add_astrologer(), dearer = add_astrologer(), stranger = add_astrologer();
    db.execute("update astrologer set chat_price = 1001 where id = '" + dearer.to_string() + "'");
    db.execute("update astrologer set specializations = '{tarot}' where id = '" + stranger.to_string() + "'");
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto given = co_await booked(s, one, tomorrow(9h)),
                   left = co_await booked(s, two, tomorrow(10h));
        // The stand-in has another time off at ten.
        const caller other{stand_in, "astrologer", ""};
        EXPECT_TRUE(co_await take_time_off(s, other, fresh_key(), {tomorrow(10h), tomorrow(11h)}));
        const auto taken = co_await off(s, tomorrow(9h), tomorrow(11h), way_out::reassign);
        const auto json = boost::json::parse(taken->body);
        EXPECT_EQ(json.at("reassigned").as_array().size(), 1U);
        EXPECT_EQ(json.at("refunded").as_array().size(), 1U);
        const auto b = co_await find_booking(s, given);
        EXPECT_EQ(b->state, "confirmed");
        EXPECT_EQ(b->astrologer_id, stand_in);
        EXPECT_EQ(b->starts_at, tomorrow(9h));
        EXPECT_EQ(b->price, money{30000});
        EXPECT_EQ((co_await find_booking(s, left))->state, "cancelled");
        EXPECT_EQ((co_await hold_slot(s, user(two), fresh_key(), {stand_in, tomorrow(9h), 30})).error().why,
                  error::slot_taken);
        EXPECT_TRUE(co_await cancel_booking(s, user(one), fresh_key(), given, std::nullopt))
            << "who moved may leave";
    });
    EXPECT_EQ(db.execute("select reassigned_from from booking where reassigned_from is not null"),
              astrologer.to_string());
    EXPECT_EQ(wallet_of(one), "10000000 0");
}

// What was decided of the booking that the other had, an early check-in too, is void.
TEST_F(time_off_test, gives_a_booking_that_knows_nothing_of_who_had_it) {
    const user_id who = add_user();
    const user_id stand_in = add_astrologer();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto given = co_await booked(s, who, tomorrow(9h));
        db.execute("update booking set astrologer_checked_in_at = app_now()");
        const auto before = co_await read_sold(pg, given);
        EXPECT_TRUE(co_await off(s, tomorrow(9h), tomorrow(11h), way_out::reassign));
        EXPECT_EQ(count("booking where astrologer_checked_in_at is not null"), 0);
        db.execute("update booking set astrologer_checked_in_at = app_now()");
        const instant now = clock::now();
        const cause why{.actor = astrologer,
                        .role = "astrologer",
                        .action = "booking.cancel",
                        .reason = {},
                        .request_id = "a-test",
                        .key = fresh_key(),
                        .before_start = true};
        EXPECT_FALSE(co_await end_booking(s, *before, cancelled(*before, side::astrologer, now), now, why));
        EXPECT_EQ((co_await find_booking(s, given))->astrologer_id, stand_in);
        EXPECT_EQ((co_await find_booking(s, given))->state, "confirmed");
    });
}

TEST_F(time_off_test, cannot_undo_what_is_under_way) {
    const user_id who = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto made = co_await booked(s, who, tomorrow(9h));
        db.execute(
            "update booking set starts_at = app_now() - interval '5 minutes', ends_at = app_now() + "
            "interval '25 minutes'; update occupancy set span = (select tstzrange(starts_at, ends_at) "
            "from booking), blocked = (select tstzrange(starts_at, ends_at) from booking)");
        const auto refused = co_await off(s, clock::now(), clock::now() + 1h, way_out::refund);
        EXPECT_EQ(refused.error().why, error::bookings_in_the_way);
        EXPECT_EQ(refused.error().in_the_way, std::vector<booking_id>{made});
    });
}

// Whoever is first has the time, and the other hears of it. Whatever was booked is told, and the money
// agrees.
TEST_F(time_off_test, races_with_holds_bookings_and_cancellations) {
    std::vector<user_id> users;
    for (int i = 0; i < 8; ++i) users.push_back(add_user());
    std::int64_t taken = 0, refused = 0;
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        for (int round = 0; round < 24; ++round) {
            const instant from = tomorrow(3h * (round % 7)) + std::chrono::days(1 + round / 7);
            const instant slots[] = {from, from + 45min};
            const auto old = co_await booked(s, users[0], slots[0]);
            const bool ending = round % 2 == 0;
            std::vector<task<outcome<answer>>> racing;
            racing.push_back(off(s, from, from + 2h, ending ? std::optional(way_out::refund) : std::nullopt));
            racing.push_back(cancel_booking(s, user(users[0]), fresh_key(), old, std::nullopt));
            for (std::size_t i = 1; i < users.size(); ++i)
                racing.push_back(
                    [](time_off_test& t, service& on, user_id who, instant at) -> task<outcome<answer>> {
                        const auto held = co_await t.hold(on, who, at);
                        if (!held) co_return held;
                        co_return co_await book(on, user(who), fresh_key(), occupancy_id{held->id});
                    }(*this, s, users[i], slots[i % 2]));
            const auto results = co_await all(std::move(racing));
            EXPECT_EQ(results.size(), users.size() + 1);
            const auto inside = count(
                "occupancy o where o.status = 'active' and o.kind <> 'break' and exists (select from "
                "occupancy b where "
                "b.kind = 'break' and b.status = 'active' and b.span && o.span)");
            EXPECT_EQ(inside, 0) << round;
            if (results[0]) {
                ++taken;
                EXPECT_EQ(count("occupancy where kind = 'break' and status = 'active'"), 1);
            } else {
                ++refused;
                EXPECT_EQ(results[0].error().why, error::bookings_in_the_way);
            }
            for (std::size_t i = 2; i < results.size(); ++i)
                if (!results[i])
                    EXPECT_TRUE(results[i].error().why == error::slot_taken ||
                                results[i].error().why == error::hold_expired);
            db.execute("update occupancy set status = 'released' where kind = 'break'");
        }
    });
    EXPECT_GE(taken, 12) << "those that end bookings always come through";
    RecordProperty("refused", static_cast<int>(refused));
}

}  // namespace
}  // namespace astrotalk::booking
