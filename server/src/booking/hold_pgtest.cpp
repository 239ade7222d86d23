#include "booking/queries.hpp"
#include "booking/testing.hpp"

namespace astrotalk::booking {
namespace {

using namespace testing;

struct hold_test : ::testing::Test, world {
    task<outcome<answer>> hold(service& s, user_id who, instant at, std::int32_t minutes = 30) {
        return hold_slot(s, user(who), fresh_key(), {astrologer, at, minutes});
    }
    std::string status_of(uuid occupancy) const {
        return db.execute("select status from occupancy where id = '" + occupancy.to_string() + "'");
    }
};

TEST_F(hold_test, every_statement_prepares) {
    EXPECT_EQ(pg::testing::prepare_all(db, sql::all), std::vector<std::string>{});
}

TEST_F(hold_test, is_seen_and_released_by_its_user_only) {
    const user_id mine = add_user(), other = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto made = co_await hold(s, mine, tomorrow(9h), 45);
        EXPECT_EQ(made->status, 201);
        EXPECT_EQ(text_of(*made, "price"), "45000");
        const occupancy_id id{made->id};
        const auto seen = co_await view_hold(s, mine, id);
        EXPECT_EQ(seen->minutes, 45);
        EXPECT_EQ(seen->price, money{45000});
        EXPECT_EQ(seen->starts_at, tomorrow(9h));
        EXPECT_FALSE(co_await view_hold(s, other, id));
        EXPECT_FALSE(co_await release_hold(s, user(other), id));
        EXPECT_TRUE(co_await release_hold(s, user(mine), id));
        EXPECT_FALSE(co_await release_hold(s, user(mine), id));
        EXPECT_FALSE(co_await view_hold(s, mine, id));
        EXPECT_TRUE(co_await hold(s, other, tomorrow(9h)));
    });
    EXPECT_EQ(count("audit_pending where action = 'hold.create'"), 2);
    EXPECT_EQ(count("audit_pending where action = 'hold.release'"), 1);
}

TEST_F(hold_test, of_a_taken_time_is_refused_with_the_nearest_alternatives) {
    const user_id first = add_user(), second = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        EXPECT_TRUE(co_await hold(s, first, tomorrow(9h)));
        for (const auto at : {8h + 45min, 9h + 0min, 9h + 15min, 9h + 30min}) {
            const auto refused = co_await hold(s, second, tomorrow(at));
            EXPECT_EQ(refused.error().why, error::slot_taken) << at.count();
            EXPECT_EQ(refused.error().alternatives.size(), 5U);
            for (const auto& each : refused.error().alternatives) {
                // Blocked is 9:00 to 9:35, and what is held before it ends 5 minutes earlier.
                const range span{each.starts_at, each.ends_at + 5min};
                EXPECT_FALSE(span.overlaps({tomorrow(9h), tomorrow(9h + 35min)}));
            }
        }
        const auto after = co_await hold(s, second, tomorrow(9h + 45min));
        EXPECT_TRUE(after);
        const auto other_length = co_await hold(s, first, tomorrow(8h + 45min), 60);
        EXPECT_EQ(other_length.error().why, error::slot_taken);
    });
}

TEST_F(hold_test, replaces_the_users_own_and_a_refusal_leaves_it) {
    const user_id mine = add_user(), other = add_user();
    uuid old_hold;
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto first = co_await hold(s, mine, tomorrow(9h));
        const auto overlapping = co_await hold(s, mine, tomorrow(9h + 15min));
        EXPECT_TRUE(overlapping);
        EXPECT_EQ(status_of(first->id), "replaced");
        EXPECT_TRUE(co_await hold(s, other, tomorrow(12h)));
        EXPECT_EQ((co_await hold(s, mine, tomorrow(12h))).error().why, error::slot_taken);
        old_hold = overlapping->id;
    });
    EXPECT_EQ(status_of(old_hold), "active");
    EXPECT_EQ(count("occupancy where kind = 'hold' and status = 'active'"), 2);
}

TEST_F(hold_test, ends_stale_holds_in_its_way) {
    const user_id late = add_user(), other = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        s.hold_lifetime = 0s;
        const auto stale = co_await hold(s, late, tomorrow(9h));
        EXPECT_FALSE(co_await view_hold(s, late, occupancy_id{stale->id}));
        s.hold_lifetime = 300s;
        EXPECT_TRUE(co_await hold(s, other, tomorrow(9h + 15min)));
        EXPECT_EQ(status_of(stale->id), "expired");
    });
}

TEST_F(hold_test, is_swept_when_its_time_is_over) {
    const user_id late = add_user(), other = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        EXPECT_TRUE(co_await hold(s, other, tomorrow(12h)));
        s.hold_lifetime = 0s;
        const auto stale = co_await hold(s, late, tomorrow(9h));
        EXPECT_EQ(co_await expire_holds(pg), 1);
        EXPECT_EQ(co_await expire_holds(pg), 0);
        EXPECT_EQ(status_of(stale->id), "expired");
    });
}

TEST_F(hold_test, is_for_what_is_offered) {
    const user_id who = add_user(), draft = add_astrologer("draft");
    db.execute(
        "update astrologer set weekly = '{0,1440,1440,2880,2880,10080}', notice_minutes = 60, window_days = "
        "3");
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto why = [&](user_id of, instant at) -> task<error> {
            co_return (co_await hold_slot(s, user(who), fresh_key(), {of, at, 30})).error().why;
        };
        EXPECT_EQ(co_await why(astrologer, tomorrow(9h + 1min)), error::slot_not_offered);
        EXPECT_EQ(co_await why(astrologer, clock::now() - 1h), error::slot_not_offered);
        EXPECT_EQ(co_await why(astrologer, tomorrow(96h)), error::slot_not_offered);
        EXPECT_EQ(co_await why(draft, tomorrow(9h)), error::astrologer_not_found);
        EXPECT_EQ(co_await why(user_id::make(), tomorrow(9h)), error::astrologer_not_found);
        const auto self =
            co_await hold_slot(s, user(astrologer), fresh_key(), {astrologer, tomorrow(9h), 30});
        EXPECT_EQ(self.error().why, error::own_time);
        const auto off = co_await hold(s, who, tomorrow(9h + 1min));
        EXPECT_EQ(off.error().alternatives.size(), 5U);
        EXPECT_EQ((co_await hold(s, who, tomorrow(960h))).error().alternatives.size(), 5U);
    });
}

TEST_F(hold_test, is_refused_to_a_user_who_is_elsewhere_then) {
    const user_id who = add_user(), another = add_astrologer();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto held = co_await hold(s, who, tomorrow(9h));
        EXPECT_TRUE(co_await book(s, user(who), fresh_key(), occupancy_id{held->id}));
        const auto kept = co_await hold(s, who, tomorrow(15h));
        const auto busy = co_await hold_slot(s, user(who), fresh_key(), {another, tomorrow(9h + 15min), 30});
        EXPECT_EQ(busy.error().why, error::user_busy);
        for (const auto& each : busy.error().alternatives) {
            const range span{each.starts_at, each.ends_at};
            EXPECT_FALSE(span.overlaps({tomorrow(9h), tomorrow(9h + 30min)}));
        }
        EXPECT_EQ(status_of(kept->id), "active");
        // Buffers are the astrologer's: a user may go from one to the next.
        EXPECT_TRUE(co_await hold_slot(s, user(who), fresh_key(), {another, tomorrow(9h + 30min), 30}));
    });
}

TEST_F(hold_test, answers_its_key_again) {
    const user_id who = add_user(), other = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const hold_request asked{astrologer, tomorrow(9h), 30};
        const auto first = co_await hold_slot(s, user(who), key("k", "a"), asked);
        const auto again = co_await hold_slot(s, user(who), key("k", "a"), asked);
        EXPECT_FALSE(first->replayed);
        EXPECT_TRUE(again->replayed);
        EXPECT_EQ(first->body, again->body);
        EXPECT_EQ(again->status, 201);
        const auto reused = co_await hold_slot(s, user(who), key("k", "b"), asked);
        EXPECT_EQ(reused.error().why, error::idempotency_key_reused);
        // A key is its owner's, and a refusal is not stored.
        EXPECT_EQ((co_await hold_slot(s, user(other), key("k", "b"), asked)).error().why, error::slot_taken);
        EXPECT_TRUE(co_await hold_slot(s, user(other), key("k", "c"), {astrologer, tomorrow(10h), 30}));
    });
    EXPECT_EQ(count("occupancy"), 2);
}

TEST_F(hold_test, leaves_its_time_out_of_the_slots_of_others) {
    const user_id who = add_user(), other = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        EXPECT_TRUE(co_await hold(s, who, tomorrow(9h)));
        const range morning{tomorrow(8h), tomorrow(10h)};
        const auto mine = co_await list_slots(s, who, astrologer, morning, 30, channel::chat);
        const auto theirs = co_await list_slots(s, other, astrologer, morning, 30, channel::call);
        EXPECT_EQ(mine->items.size(), 8U);
        EXPECT_EQ(theirs->items.size(), 3U);  // 8:00, 8:15 and 9:45
        EXPECT_EQ(theirs->zone, "Asia/Kolkata");
        EXPECT_EQ(mine->price, money{30000});
        EXPECT_EQ(theirs->price, money{45000});
        const auto off = co_await list_slots(s, who, astrologer, morning, 30, channel::video);
        EXPECT_EQ(off.error().why, error::channel_not_offered);
    });
}

}  // namespace
}  // namespace astrotalk::booking
