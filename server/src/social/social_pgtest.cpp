#include <gtest/gtest.h>

#include "core/loop.hpp"
#include "pg/testing.hpp"
#include "social/queries.hpp"
#include "social/social.hpp"

namespace astrotalk::social {
namespace {

using namespace std::chrono_literals;

struct social_test : testing::Test {
    pg::testing::database db;
    crypto::keyring keys{bytes(32, 7)};
    user_id user = add_person("user"), other = add_person("user"), astrologer = add_astrologer();

    static std::string quoted(user_id id) { return "'" + id.to_string() + "'"; }
    user_id add_person(const char* type) const {
        const auto id = user_id::make();
        db.execute("insert into pool_user (id, phone_hash, phone_sealed, confirmed_at, user_type) values (" +
                   quoted(id) + ", sha256(" + quoted(id) + "), '', app_now(), '" + type + "')");
        return id;
    }
    user_id add_astrologer() const {
        const auto id = add_person("astrologer");
        db.execute(
            "insert into astrologer (id, display_name, bio, languages, specializations, experience_years, "
            "city, status, chat_price) values (" +
            quoted(id) + ", 'Meera', 'b', '{hi}', '{vedic}', 5, 'Pune', 'approved', 1500)");
        return id;
    }
    std::string add_hold(user_id of) const {
        const auto id = uuid::v7().to_string();
        db.execute(
            "insert into occupancy (id, astrologer_id, user_id, kind, span, blocked, channel, "
            "price_per_minute, expires_at) values ('" +
            id + "', " + quoted(astrologer) + ", " + quoted(of) +
            ", 'hold', '[2030-01-01,2030-01-02)', '[2030-01-01,2030-01-02)', 'chat', 1, "
            "app_now() + interval '5 minutes')");
        return id;
    }
    static caller as(user_id who, std::string role) { return {who, std::move(role), "a-test"}; }
    std::string count(const std::string& what) const { return db.execute("select count(*) from " + what); }
    template <class F>
    void with(F test) {
        pg::testing::run(db, [&](pg::client& pg) -> task<void> {
            service s{pg, keys};
            co_await test(s);
        });
    }
};

TEST_F(social_test, fits_the_schema) {
    EXPECT_EQ(pg::testing::prepare_all(db, sql::all), std::vector<std::string>{});
}

TEST_F(social_test, follows_whom_it_may_and_at_most_500) {
    with([&](service& s) -> task<void> {
        EXPECT_EQ(co_await follow(s, user, user, true), error::not_found);
        EXPECT_EQ(co_await follow(s, user, other, true), error::not_found) << "no astrologer";
        EXPECT_FALSE(co_await follow(s, user, astrologer, true));
        EXPECT_FALSE(co_await follow(s, user, astrologer, false));
        const auto all = co_await list_follows(s, user, user_id{uuid{{0xff}}}, 9);
        EXPECT_EQ(all.size(), 1u);
        EXPECT_FALSE(all.at(0).notify) << "the last word counts";
        db.execute("update astrologer set status = 'rejected' where id = " + quoted(astrologer));
        EXPECT_TRUE((co_await list_follows(s, user, user_id{uuid{{0xff}}}, 9)).empty()) << "not listed now";
        EXPECT_EQ(co_await follow(s, other, astrologer, true), error::not_found);
        db.execute("update astrologer set status = 'approved' where id = " + quoted(astrologer));
        co_await unfollow(s, user, astrologer);
        db.execute(
            "with many as (insert into pool_user (id, phone_hash, phone_sealed, user_type) "
            "select gen_random_uuid(), sha256(n::text::bytea), '', 'astrologer' "
            "from generate_series(1, 500) n returning id), profiles as (insert into astrologer (id, "
            "display_name, bio, languages, specializations, experience_years, city) select id, 'Mm', "
            "'b', '{hi}', '{vedic}', 5, 'Pune' from many) select count(*) from many");
        db.execute("insert into follow (user_id, astrologer_id, notify) select " + quoted(user) +
                   ", id, true from astrologer where display_name = 'Mm'");
        EXPECT_EQ(co_await follow(s, user, astrologer, true), error::too_many);
    });
}

TEST_F(social_test, a_block_ends_following_and_holds_but_no_bookings) {
    with([&](service& s) -> task<void> {
        EXPECT_EQ(co_await block(s, as(astrologer, "astrologer"), user), error::not_found)
            << "who has had nothing to do with them is nobody";
        const auto held = add_hold(user);
        EXPECT_FALSE(co_await follow(s, user, astrologer, true));
        EXPECT_FALSE(co_await block(s, as(astrologer, "astrologer"), user));
        EXPECT_FALSE(co_await block(s, as(astrologer, "astrologer"), user)) << "is done";
        EXPECT_EQ(count("follow"), "0");
        EXPECT_EQ(db.execute("select status from occupancy where id = '" + held + "'"), "released");
        EXPECT_EQ(co_await follow(s, user, astrologer, true), error::not_found);
        EXPECT_EQ(count("audit_pending where action = 'block.create'"), "1");
        EXPECT_EQ((co_await list_blocks(s, astrologer, user_id{uuid{{0xff}}}, 9)).at(0).display_name,
                  std::nullopt)
            << "a user's name is not the astrologer's to read";
        co_await unblock(s, astrologer, user);
        EXPECT_FALSE(co_await follow(s, user, astrologer, true));
        EXPECT_FALSE(co_await block(s, as(user, "user"), astrologer)) << "users need no booking for it";
    });
}

TEST_F(social_test, a_report_is_sealed_open_once_and_decided_once) {
    with([&](service& s) -> task<void> {
        const std::string words = "Asked me to pay elsewhere";
        const auto made = co_await make_report(s, as(user, "user"), astrologer, reason::fraud, words);
        EXPECT_TRUE(made);
        EXPECT_EQ((co_await make_report(s, as(user, "user"), astrologer, reason::abuse, "x")).error(),
                  error::already_reported);
        EXPECT_EQ((co_await make_report(s, as(user, "user"), other, reason::abuse, "x")).error(),
                  error::not_found);
        EXPECT_EQ(count("report where position('elsewhere' in encode(text_sealed, 'escape')) > 0"), "0");
        const auto staff = as(other, "support");
        const auto seen = co_await list_reports(s, staff, "ticket 7", "open", uuid{{0xff}}, 9);
        EXPECT_EQ(seen.at(0).text, words);
        EXPECT_EQ(count("audit_pending where action = 'admin.read_reports' and reason = 'ticket 7'"), "1");
        int decided = 0;
        int left = 8;
        event done;
        auto decide = [](service& at, caller who, uuid id, int& count, int& waiting,
                         event& all) -> task<void> {
            if (!co_await resolve_report(at, who, id, verdict::upheld, "The chat shows it")) ++count;
            if (--waiting == 0) all.set();
        };
        for (int i = 0; i < 8; ++i) spawn(decide(s, as(other, "admin"), *made, decided, left, done));
        EXPECT_TRUE(co_await done.wait_for(60s));
        EXPECT_EQ(decided, 1);
        EXPECT_EQ(count("audit_pending where action = 'report.resolve'"), "1");
        EXPECT_TRUE(co_await make_report(s, as(user, "user"), astrologer, reason::abuse, "again"));
    });
}

// Two nodes at once, and news of the same astrologer twice: each follower hears of it once.
TEST_F(social_test, tells_each_follower_once) {
    db.execute(
        "with many as (insert into pool_user (id, phone_hash, phone_sealed, user_type) "
        "select gen_random_uuid(), sha256(n::text::bytea), '', 'user' "
        "from generate_series(1, 450) n returning id) insert into follow (user_id, astrologer_id, "
        "notify) select id, (select id from astrologer), true from many");
    db.execute(
        "update follow set notify = false where user_id = (select min(user_id::text)::uuid from follow)");
    constexpr pg::statement insert{"test.insert_news",
                                   "insert into outbox (id, kind, payload) values ($1, $2, $3)", 3};
    with([&](service& s) -> task<void> {
        for (int i = 0; i < 2; ++i) {
            const auto id = uuid::v7();
            co_await s.pg.execute(insert, id, "astrologer.available",
                                  jobs::seal_payload(keys, id,
                                                     fmt::format(R"({{"astrologerId":"{}","what":"online"}})",
                                                                 astrologer.to_string())));
        }
        jobs::outbox_worker one(loop::current(), s.pg, keys), two(loop::current(), s.pg, keys);
        handle_jobs(one, s);
        handle_jobs(two, s);
        int left = 2;
        event ended;
        auto work = [](jobs::outbox_worker& w, int& waiting, event& all) -> task<void> {
            co_await w.run();
            if (--waiting == 0) all.set();
        };
        spawn(work(one, left, ended));
        spawn(work(two, left, ended));
        const auto deadline = std::chrono::steady_clock::now() + 60s;
        while (count("outbox where kind = 'astrologer.available'") != "0" &&
               std::chrono::steady_clock::now() < deadline)
            co_await sleep_for(20ms);
        one.stop();
        two.stop();
        EXPECT_TRUE(co_await ended.wait_for(60s));
    });
    EXPECT_EQ(count("outbox where kind = 'astrologer.available'"), "0");
    EXPECT_EQ(count("outbox where kind = 'follow.tell'"), "449");
}

}  // namespace
}  // namespace astrotalk::social
