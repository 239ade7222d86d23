#include "identity/people_pgtest.hpp"

namespace astrotalk::identity {
namespace {

using namespace testing;
using std::chrono::seconds;

struct sessions_test : ::testing::Test {
    pg::testing::database db;
};

task<std::string> access_token(world& w, signed_in in) {
    co_return (co_await issue_tokens(w.people, std::move(in))).access;
}

task<bool> opens(world& w, const std::string& token) {
    co_return (co_await w.people.tokens.authenticate(w.people.pg, token)).has_value();
}

TEST_F(sessions_test, parallel_refreshes_agree_on_one_successor) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto in = co_await w.sign_in(a_phone());
        auto use = [&](int) { return refresh(w.people, in.refresh_token, "r"); };
        const auto results = co_await in_parallel<outcome<signed_in>>(40, use);
        for (const auto& each : results) {
            EXPECT_TRUE(each);
            EXPECT_EQ(each->refresh_token.reveal(), results.front()->refresh_token.reveal());
            EXPECT_EQ(each->in.id, in.in.id);
            EXPECT_EQ(each->in.auth_time, in.in.auth_time);
        }
        EXPECT_NE(results.front()->refresh_token.reveal(), in.refresh_token.reveal());
        const moved_clock later(seconds(25));
        EXPECT_EQ((co_await refresh(w.people, in.refresh_token, "r"))->refresh_token.reveal(),
                  results.front()->refresh_token.reveal());
        EXPECT_TRUE(co_await refresh(w.people, results.front()->refresh_token, "r"));
    });
    EXPECT_EQ(db.execute("select count(*) from refresh_token"), "3");
}

TEST_F(sessions_test, reuse_after_the_grace_ends_the_family_and_no_other) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto stolen = co_await w.sign_in(a_phone());
        const auto elsewhere = co_await w.sign_in(a_phone());
        const auto next = (co_await refresh(w.people, stolen.refresh_token, "r")).value();
        const auto token = co_await access_token(w, next);
        const auto other_token = co_await access_token(w, elsewhere);
        co_await tail_revocations(w.people.pg, w.ended);
        EXPECT_TRUE(co_await opens(w, token));
        const moved_clock later(seconds(31));
        auto reuse = [&](int) { return refresh(w.people, stolen.refresh_token, "r"); };
        const auto results = co_await in_parallel<outcome<signed_in>>(10, reuse);
        for (const auto& each : results)
            EXPECT_TRUE(each.error() == error::token_reused || each.error() == error::token_revoked);
        EXPECT_TRUE(std::ranges::any_of(results, [](auto& r) { return r.error() == error::token_reused; }));
        EXPECT_EQ((co_await refresh(w.people, next.refresh_token, "r")).error(), error::token_revoked);
        EXPECT_TRUE(co_await refresh(w.people, elsewhere.refresh_token, "r"));
        co_await tail_revocations(w.people.pg, w.ended);
        EXPECT_FALSE(co_await opens(w, token));
        EXPECT_TRUE(co_await opens(w, other_token));
    });
    EXPECT_EQ(db.execute("select string_agg(cause, ',') from revocation"), "refresh_token_reuse");
    EXPECT_EQ(db.execute("select count(*) from audit_pending where action = 'session.end'"), "1");
}

TEST_F(sessions_test, a_sign_in_ends_thirty_days_after_it_began) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto in = co_await w.sign_in(a_phone());
        const moved_clock nearly(std::chrono::hours(24 * 29));
        const auto next = (co_await refresh(w.people, in.refresh_token, "r")).value();
        const moved_clock over(std::chrono::hours(25));
        EXPECT_EQ((co_await refresh(w.people, next.refresh_token, "r")).error(), error::token_expired);
        co_await prune_sign_ins(w.people.pg);
        EXPECT_EQ(db.execute("select count(*) from refresh_family"), "1");
        const moved_clock a_day_more(std::chrono::hours(25));
        co_await prune_sign_ins(w.people.pg);
    });
    EXPECT_EQ(
        db.execute("select (select count(*) from refresh_family) + (select count(*) from refresh_token) + "
                   "(select count(*) from phone_guard)"),
        "0");
}

TEST_F(sessions_test, revoking_a_token_ends_its_sign_in_only) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto one = co_await w.sign_in(a_phone());
        const auto two = co_await w.sign_in(a_phone());
        const auto token = co_await access_token(w, one);
        co_await revoke_token(w.people, one.refresh_token, "r");
        co_await revoke_token(w.people, one.refresh_token, "r");
        co_await revoke_token(w.people, new_refresh_token(), "r");
        EXPECT_EQ((co_await refresh(w.people, one.refresh_token, "r")).error(), error::token_revoked);
        EXPECT_EQ((co_await refresh(w.people, new_refresh_token(), "r")).error(), error::token_not_valid);
        EXPECT_TRUE(co_await refresh(w.people, two.refresh_token, "r"));
        // No tail has been read yet, so the database is asked.
        EXPECT_FALSE(w.ended.fresh());
        EXPECT_FALSE(co_await opens(w, token));
        EXPECT_TRUE(co_await opens(w, co_await access_token(w, two)));
    });
    EXPECT_EQ(db.execute("select count(*) from revocation"), "1");
}

TEST_F(sessions_test, signing_out_everywhere_ends_all_and_a_new_sign_in_works) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto id = co_await w.join(a_phone());
        const auto one = co_await w.sign_in(a_phone());
        const auto two = co_await w.sign_in(a_phone());
        const auto first = co_await access_token(w, one), second = co_await access_token(w, two);
        const auto caller = w.people.tokens.check(first).value();
        auto leave = [&](int) { return end_sessions(w.people, caller, "r"); };
        const auto results = co_await in_parallel<outcome<void>>(20, leave);
        EXPECT_EQ(std::ranges::count_if(results, [](const auto& r) { return r.has_value(); }), 1);
        co_await tail_revocations(w.people.pg, w.ended);
        EXPECT_FALSE(co_await opens(w, first));
        EXPECT_FALSE(co_await opens(w, second));
        EXPECT_FALSE(co_await find_person(w.people, id, one.in.id));
        EXPECT_EQ((co_await refresh(w.people, two.refresh_token, "r")).error(), error::token_revoked);
        const moved_clock later(seconds(16 * 60));
        const auto again = co_await w.sign_in(a_phone());
        EXPECT_TRUE(co_await opens(w, co_await access_token(w, again)));
        EXPECT_TRUE(co_await find_person(w.people, id, again.in.id));
        // A token of a session that has ended must not end others.
        EXPECT_EQ((co_await end_sessions(w.people, caller, "r")).error(), error::token_revoked);
        EXPECT_TRUE(co_await refresh(w.people, again.refresh_token, "r"));
    });
}

TEST_F(sessions_test, a_revocation_for_a_whole_user_bites_within_one_reading) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto id = co_await w.join(a_phone());
        const auto token = co_await access_token(w, co_await w.sign_in(a_phone()));
        co_await tail_revocations(w.people.pg, w.ended);
        EXPECT_TRUE(co_await opens(w, token));
        db.execute("insert into revocation (user_id, cause) values ('" + id.to_string() + "', 'disabled')");
        co_await tail_revocations(w.people.pg, w.ended);
        EXPECT_FALSE(co_await opens(w, token));
    });
}

TEST_F(sessions_test, tailing_sees_what_commits_late) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto id = co_await w.join(a_phone());
        const auto token = co_await access_token(w, co_await w.sign_in(a_phone()));
        co_await tail_revocations(w.people.pg, w.ended);
        db.execute(
            "insert into revocation (at, user_id, cause) "
            "values (app_now() - interval '4 seconds', '" +
            id.to_string() + "', 'late')");
        co_await tail_revocations(w.people.pg, w.ended);
        revocations::reader reader(w.ended);
        EXPECT_TRUE(reader.has_ended(id, family_id::make(), clock::now() - seconds(5)));
        EXPECT_TRUE(co_await opens(w, token));
    });
}

}  // namespace
}  // namespace astrotalk::identity
