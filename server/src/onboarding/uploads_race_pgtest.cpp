// What happens to uploads at the same time: the sweep and legal holds, an account's end, and many requests.
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

task<void> ask_one(service& s, user_id who, int& left, std::map<std::string, int>& seen, event& done) {
    const auto asked = co_await ask(s, who, {kind::certificate, "image/png", 9});
    ++seen[asked ? "asked" : asked.error() == error::too_many_uploads ? "refused" : "wrong"];
    if (--left == 0) done.set();
}

TEST(uploads_race, thirty_a_day_are_thirty_however_many_ask_at_once) {
    archive a;
    const auto who = a.person();
    std::map<std::string, int> seen;
    run(a.db, [&](pg::client& pg) -> task<void> {
        auto s = a.uploads_by(pg);
        int left = 90;
        event done;
        for (int i = 0; i < 90; ++i) spawn(ask_one(s, who, left, seen, done));
        EXPECT_TRUE(co_await done.wait_for(60s));
    });
    EXPECT_EQ(seen, (std::map<std::string, int>{{"asked", 30}, {"refused", 60}}));
    EXPECT_EQ(a.db.execute("select count(*) from upload"), "30");
}

constexpr pg::statement lock_profile{"test.lock_profile",
                                     "select id from astrologer where id = $1 for update", 1};

// An account's end holds the profile and then wants the uploads. It must not have to wait for whoever waits
// for the profile: PostgreSQL would find the deadlock only after a second.
template <class F>
void end_account_beside(archive& a, user_id who, F change) {
    a.db.execute(
        "do $$ begin execute format('alter database %I set deadlock_timeout = ''60s''', current_database()); "
        "end $$");
    run(a.db, [&](pg::client& pg) -> task<void> {
        auto s = a.uploads_by(pg);
        event changed;
        const auto beside = [](F& what, service& with, event& over) -> task<void> {
            co_await what(with);
            over.set();
        };
        co_await pg.transact([&](pg::transaction& t) -> task<void> {
            co_await t.query<user_id>(lock_profile, who);
            spawn(beside(change, s, changed));
            while (!a.db.has_waiter()) co_await sleep_for(1ms);
            co_await t.execute(onboarding::sql::end_uploads, who);
        });
        EXPECT_TRUE(co_await changed.wait_for(60s));
    });
    EXPECT_EQ(a.db.execute("select string_agg(state, ' ') from upload"), "removed");
    EXPECT_EQ(a.db.execute("select count(*) from astrologer where photo is not null"), "0");
}

TEST(uploads_race, a_removal_and_an_accounts_end_do_not_wait_for_each_other) {
    archive a;
    const auto who = a.person();
    const auto photo = a.upload(who, "photo", "sent");
    a.db.execute("update upload set state = 'ready', parts = '{full}'; update astrologer set photo = '" +
                 photo.id.to_string() + "'");
    end_account_beside(a, who, [&](service& s) -> task<void> {
        EXPECT_FALSE(co_await remove(s, who, photo.id, "r")) << "the end was first";
    });
}

TEST(uploads_race, a_photo_that_is_done_and_an_accounts_end_do_not_wait_for_each_other) {
    archive a;
    const auto who = a.person();
    const auto photo = a.upload(who, "photo", "sent");
    end_account_beside(a, who, [&](service& s) -> task<void> {
        EXPECT_FALSE(co_await finish(s, photo, {"full"})) << "the end was first";
    });
}

}  // namespace
}  // namespace astrotalk::onboarding::uploads
