#include <gtest/gtest.h>

#include "onboarding/onboarding.hpp"
#include "pg/testing.hpp"

namespace astrotalk::onboarding {
namespace {

using namespace std::chrono_literals;
namespace testing = pg::testing;

const crypto::keyring& keys() {
    static const crypto::keyring made(bytes(32, 7));
    return made;
}

user_id sign_up(const testing::database& db) {
    const auto id = user_id::make();
    db.execute(
        "insert into pool_user (id, phone_hash, phone_sealed, confirmed_at, user_type, kyc_status) "
        "values ('" +
        id.to_string() + "', '" + id.to_string() + "', '', app_now(), 'astrologer', 'completed')");
    return id;
}

task<void> submit(pg::client& pg, user_id id) {
    const profile_draft whole{"Asha Rao", "Tarot since 2001.", {"en"}, {"tarot"}, 20, "Pune"};
    co_await save_profile(pg, keys(), id, whole, "");
    EXPECT_TRUE((co_await submit_profile(pg, id, "", true)).has_value());
}

TEST(decision, approves_once_and_tells_the_user_pool) {
    testing::database db;
    const auto id = sign_up(db), admin = user_id::make();
    testing::run(db, [&](pg::client& pg) -> task<void> {
        const decision approve{id, verdict::approve, admin, "references are in order", "r"};
        EXPECT_EQ((co_await decide_profile(pg, approve)).error().code, error::astrologer_not_found);
        co_await submit(pg, id);
        const auto approved = co_await decide_profile(pg, approve);
        EXPECT_TRUE(approved.has_value());
        EXPECT_EQ(approved->status, "approved");
        EXPECT_EQ(approved->decision_reason, "references are in order");
        EXPECT_TRUE(approved->decided_at);

        const decision reject{id, verdict::reject, admin, "changed my mind", "r"};
        EXPECT_EQ((co_await decide_profile(pg, reject)).error().code, error::not_pending);
        EXPECT_EQ((co_await submit_profile(pg, id, "")).error().code, error::already_submitted);
    });
    EXPECT_EQ(db.execute("select profile_status || groups::text from pool_user"), "approved{astrologer}");
    EXPECT_EQ(db.execute("select decided_by from astrologer"), admin.to_string());
    EXPECT_EQ(db.execute("select actor_id || actor_role || subject_id || reason from audit_pending "
                         "where action = 'astrologer.approve'"),
              admin.to_string() + "admin" + id.to_string() + "references are in order");
}

TEST(decision, a_rejected_profile_may_try_again) {
    testing::database db;
    const auto id = sign_up(db), admin = user_id::make();
    testing::run(db, [&](pg::client& pg) -> task<void> {
        co_await submit(pg, id);
        const decision no{id, verdict::reject, admin, "no references", "r"};
        EXPECT_EQ((co_await decide_profile(pg, no))->status, "rejected");
        EXPECT_EQ((co_await find_profile(pg, id))->decision_reason, "no references");
        const auto again = co_await submit_profile(pg, id, "", true);
        EXPECT_EQ(again->status, "pending");
        EXPECT_FALSE(again->decision_reason)
            << "the old decision is gone from the profile, not from the audit trail";
    });
    EXPECT_EQ(db.execute("select profile_status || groups::text from pool_user"), "pending{}");
    EXPECT_EQ(db.execute("select count(*) from audit_pending where action = 'astrologer.reject'"), "1");
}

struct tally {
    int decided = 0, refused = 0, left = 0;
    event done;
};

task<void> try_to(pg::client& pg, decision made, tally& count) {
    const auto answer = co_await decide_profile(pg, made);
    if (answer) {
        ++count.decided;
    } else {
        EXPECT_EQ(answer.error().code, error::not_pending);
        ++count.refused;
    }
    if (--count.left == 0) count.done.set();
}

TEST(decision, of_many_admins_at_once_one_decides) {
    testing::database db;
    constexpr int rounds = 20, admins = 8;
    std::vector<user_id> ids;
    for (int i = 0; i < rounds; ++i) ids.push_back(sign_up(db));
    testing::run(db, [&](pg::client& pg) -> task<void> {
        for (const auto id : ids) {
            co_await submit(pg, id);
            tally count;
            count.left = admins;
            for (int i = 0; i < admins; ++i)
                spawn(try_to(
                    pg, {id, i % 2 == 0 ? verdict::approve : verdict::reject, user_id::make(), "race", "r"},
                    count));
            EXPECT_TRUE(co_await count.done.wait_for(20s));
            EXPECT_EQ(count.decided, 1);
            EXPECT_EQ(count.refused, admins - 1);
        }
    });
    EXPECT_EQ(db.execute("select count(*) from audit_pending where reason = 'race'"), std::to_string(rounds));
    EXPECT_EQ(db.execute("select count(*) from astrologer a join pool_user u using (id) where a.status <> "
                         "u.profile_status "
                         "or (a.status = 'approved') <> ('astrologer' = any(u.groups))"),
              "0");
}

TEST(decision, is_made_by_the_check_unless_staff_are_to_look) {
    testing::database db;
    const auto passed = sign_up(db), waiting = sign_up(db);
    db.execute("update pool_user set kyc_status = 'in_progress', user_type = 'user' where id = '" +
               waiting.to_string() + "'");
    db.execute("update pool_user set user_type = 'astrologer' where id = '" + waiting.to_string() + "'");
    testing::run(db, [&](pg::client& pg) -> task<void> {
        const profile_draft whole{"Asha Rao", "Tarot since 2001.", {"en"}, {"tarot"}, 20, "Pune"};
        for (const auto id : {passed, waiting}) co_await save_profile(pg, keys(), id, whole, "");
        EXPECT_EQ((co_await submit_profile(pg, passed, "r"))->status, "approved");
        EXPECT_EQ((co_await submit_profile(pg, waiting, "r"))->status, "pending");
        const decision approve{waiting, verdict::approve, user_id::make(), "references", "r"};
        EXPECT_EQ((co_await decide_profile(pg, approve)).error().code, error::kyc_not_completed);
    });
    EXPECT_EQ(db.execute("select profile_status || groups::text from pool_user where id = '" +
                         passed.to_string() + "'"),
              "approved{astrologer}");
    EXPECT_EQ(
        db.execute("select string_agg(actor_role || ' ' || action, ', ' order by id) from audit_pending "
                   "where subject_id = '" +
                   passed.to_string() + "' and action <> 'profile.change'"),
        "astrologer profile.submit, system astrologer.approve");
}

TEST(queue, gives_who_waits_longest_first) {
    testing::database db;
    std::vector<user_id> ids;
    for (int i = 0; i < 5; ++i) ids.push_back(sign_up(db));
    testing::run(db, [&](pg::client& pg) -> task<void> {
        for (const int i : {3, 1, 4, 0, 2}) co_await submit(pg, ids[static_cast<std::size_t>(i)]);
        std::vector<user_id> seen;
        profile last;
        for (;;) {
            const auto page = co_await list_profiles(pg, "pending", last.submitted_at.value_or(instant()),
                                                     last.id.value, 2);
            if (page.empty()) break;
            for (const auto& each : page) seen.push_back(each.id);
            last = page.back();
        }
        EXPECT_EQ(seen, (std::vector<user_id>{ids[3], ids[1], ids[4], ids[0], ids[2]}));
        EXPECT_TRUE((co_await list_profiles(pg, "approved", {}, {}, 10)).empty());
    });
}

// An administrator may be an astrologer, too; somebody else judges their profile.
TEST(decision, nobody_decides_on_themselves) {
    testing::database db;
    const auto id = sign_up(db), other = user_id::make();
    testing::run(db, [&](pg::client& pg) -> task<void> {
        co_await submit(pg, id);
        for (const auto what : {verdict::approve, verdict::reject}) {
            const auto own = co_await decide_profile(pg, {id, what, id, "I know me", "r"});
            EXPECT_EQ(own.error().code, error::not_pending);
        }
        EXPECT_EQ(db.execute("select status from astrologer"), "pending");
        EXPECT_TRUE((co_await decide_profile(pg, {id, verdict::approve, other, "seen", "r"})).has_value());
    });
}

}  // namespace
}  // namespace astrotalk::onboarding
