#include <gtest/gtest.h>

#include "demo/demo.hpp"
#include "identity/identity.hpp"
#include "pg/testing.hpp"

namespace astrotalk::demo {
namespace {

namespace testing = pg::testing;

TEST(demo, is_made_by_the_use_cases_and_finishes_what_was_begun) {
    testing::database db;
    const crypto::keyring keys(bytes(32, 9));
    options how{.seed = 3, .astrologers = 200, .users = 20, .admin = {}};
    const auto began = std::chrono::steady_clock::now();
    testing::run(db, [&](pg::client& pg) -> task<void> {
        how.admin = co_await identity::create_admin(pg, keys, identity::phone_plan::india(), "+919000000001",
                                                    "Demo Admin");
        const auto made = co_await load_demo(pg, keys, how);
        EXPECT_EQ(made.astrologers, 200u);
        EXPECT_EQ(made.waiting, 7u);
        EXPECT_EQ(made.users, 20u);
        EXPECT_EQ(made.bookings, 12u);
        EXPECT_EQ(made.cancelled, 2u);
        EXPECT_EQ(made.holds, 3u);
    });
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(60))
        << "10 s without sanitizers";

    EXPECT_EQ(
        db.execute("select count(*) from astrologer where status = 'approved' and chat_price is not null"),
        "200");
    EXPECT_EQ(db.execute("select count(distinct channel) from occupancy"), "3");
    EXPECT_EQ(db.execute("select count(*) from astrologer where status = 'pending'"), "5");
    EXPECT_EQ(
        db.execute("select count(*) from pool_user u where user_type = 'user' and not groups @> '{admin}' "
                   "and profile_gaps(u) = '{}'"),
        "20");
    EXPECT_EQ(db.execute("select count(*) from booking where state = 'confirmed'"), "10");
    EXPECT_EQ(db.execute("select string_agg(cancelled_by, ',' order by cancelled_by) from booking "
                         "where state = 'cancelled'"),
              "astrologer,user");
    EXPECT_EQ(db.execute("select count(*) from audit_pending where action = 'astrologer.approve'"), "200");

    testing::run(db, [&](pg::client& pg) -> task<void> {
        const auto again = co_await load_demo(pg, keys, how);
        EXPECT_EQ(again.bookings + again.cancelled + again.holds, 0u);
        EXPECT_EQ(again.user_phone, "+919876520001");
    });
    EXPECT_EQ(db.execute("select count(*) from pool_user"), "228");
    EXPECT_EQ(db.execute("select count(*) from booking"), "12");
    EXPECT_EQ(db.execute("select sum(amount)::text from journal j join posting p on p.journal_id = j.id "
                         "where kind = 'promotion.welcome'"),
              "200000")
        << "no welcome twice";
}

}  // namespace
}  // namespace astrotalk::demo
