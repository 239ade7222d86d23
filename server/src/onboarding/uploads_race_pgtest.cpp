// What happens to uploads at the same time: the sweep and legal holds.
#include "onboarding/queries.hpp"
#include "onboarding/uploads_testing.hpp"

namespace astrotalk::onboarding::uploads {
namespace {

using namespace std::chrono_literals;
using pg::testing::run;

bool is_of(const std::string& key, user_id who) { return key.find(who.to_string()) != std::string::npos; }

TEST(uploads_race, a_hold_waits_while_files_go_and_keeps_those_that_have_not_begun) {
    archive a;
    const auto first = a.person(), second = a.person();
    a.upload(first, "identity", "removed");
    a.upload(second, "identity", "removed");
    std::string could_be_set;
    a.store.before_removal = [&](const std::string& key) {
        // What setting a hold begins with; false: it would have to wait.
        could_be_set +=
            a.db.execute("select pg_try_advisory_xact_lock(hashtext('astrotalk.privacy.hold'))") + " ";
        if (is_of(key, first) && a.store.removed.empty()) a.hold(second);
    };
    run(a.db, [&](pg::client& pg) -> task<void> {
        auto s = a.uploads_by(pg);
        co_await sweep(s);
    });
    EXPECT_EQ(could_be_set, "f f f ");
    ASSERT_EQ(a.store.removed.size(), 3u);
    for (const auto& key : a.store.removed) EXPECT_TRUE(is_of(key, first)) << key;
    EXPECT_EQ(a.db.execute("select string_agg((swept_at is not null)::text, ' ' order by id) from upload"),
              "true false");
}

TEST(uploads_race, what_another_node_deletes_is_left_to_it) {
    archive a;
    const auto who = a.person();
    const auto paper = a.upload(who, "identity", "removed");
    run(a.db, [&](pg::client& pg) -> task<void> {
        auto s = a.uploads_by(pg);
        co_await pg.transact([&](pg::transaction& t) -> task<void> {
            co_await t.query<stored>(sql::take_unswept_upload, paper.id);
            co_await sweep(s);
        });
    });
    EXPECT_TRUE(a.store.removed.empty());
}

}  // namespace
}  // namespace astrotalk::onboarding::uploads
