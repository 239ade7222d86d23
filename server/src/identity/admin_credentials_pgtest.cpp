// The keys of the admin operations: made once, known to every node, and gone when removed.
#include "identity/people_pgtest.hpp"

namespace astrotalk::identity {
namespace {

using namespace testing;

TEST(admin_credentials_test, a_key_is_known_until_it_is_removed) {
    const pg::testing::database db;
    in_a_world(db, [&](world& w) -> task<void> {
        auto& pg = w.people.pg;
        std::vector<std::string> kept;
        auto keep = [&](const admin_credential& made) { kept.push_back(made.access_key_id); };
        co_await make_first_credential(pg, keys(), keep);
        co_await make_first_credential(pg, keys(), keep);
        EXPECT_EQ(kept.size(), 1U);
        const auto second = (co_await add_credential(pg, keys(), "a script")).value();
        EXPECT_EQ((co_await find_admin_secret(pg, keys(), w.admins, second.access_key_id))->reveal(),
                  second.secret_access_key.reveal());
        EXPECT_TRUE(w.admins.fresh());
        EXPECT_TRUE(co_await remove_credential(pg, second.access_key_id));
        EXPECT_FALSE(co_await remove_credential(pg, second.access_key_id));
        // Known for as long as the reading is fresh, without asking; gone with the next.
        EXPECT_TRUE(co_await find_admin_secret(pg, keys(), w.admins, second.access_key_id));
        co_await tail_admin_credentials(pg, w.admins);
        EXPECT_FALSE(co_await find_admin_secret(pg, keys(), w.admins, second.access_key_id));
        EXPECT_TRUE(co_await find_admin_secret(pg, keys(), w.admins, kept.front()));
        EXPECT_TRUE(co_await remove_credential(pg, kept.front()));
        co_await make_first_credential(pg, keys(), keep);  // no second first
        EXPECT_EQ(kept.size(), 1U);
        for (int i = 0; i < 20; ++i) EXPECT_TRUE(co_await add_credential(pg, keys(), "one more"));
        EXPECT_FALSE(co_await add_credential(pg, keys(), "one too many"));
    });
    EXPECT_EQ(db.execute("select count(*) from audit_pending where action like 'credential.%'"), "24");
}

}  // namespace
}  // namespace astrotalk::identity
