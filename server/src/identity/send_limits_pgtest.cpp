#include "identity/people_pgtest.hpp"

namespace astrotalk::identity {
namespace {

using namespace testing;
using std::chrono::seconds;
using sending = result<uuid, send_refusal>;

struct send_limits_test : ::testing::Test {
    pg::testing::database db;
    std::string messages() const { return db.execute("select count(*) from outbox"); }
};

settings limited(send_limits to) {
    settings how;
    how.sending = to;
    return how;
}

// Every phone has a number prefix of its own unless the test says otherwise.
phone_number apart(int n) {
    return *phone_number::parse(fmt::format("+919{:05}0000", n), phone_plan::india());
}
origin at(const std::string& address) { return {address, {}}; }

long successes(const std::vector<sending>& results) {
    return std::ranges::count_if(results, [](const auto& r) { return r.has_value(); });
}

task<sending> ask(world& w, phone_number phone, origin from) {
    return send_code(w.people, std::move(phone), code_purpose::sign_in, std::move(from));
}
task<void> enroll(world& w, phone_number phone) {
    new_person who{.phone = std::move(phone), .name = personal("A"), .groups = {}, .welcome_bonus = {}};
    co_await create_person(w.people.pg, keys(), std::move(who));
}

TEST_F(send_limits_test, a_hundred_parallel_codes_from_one_address_stop_exactly_at_its_limit) {
    const auto body = [&](world& w) -> task<void> {
        for (int i = 0; i < 100; ++i) co_await enroll(w, apart(i));
        auto one = [&](int i) { return ask(w, apart(i), at("203.0.113.7")); };
        EXPECT_EQ(successes(co_await in_parallel<sending>(100, one)), 12);
        EXPECT_TRUE(co_await ask(w, apart(200), at("203.0.113.8")));
    };
    in_a_world(db, body, limited({.address = 12}));
    EXPECT_EQ(messages(), "12");
    EXPECT_EQ(db.execute("select count(*) from phone_guard"), "13");
    EXPECT_EQ(db.execute("select sum(in_hour) || ' ' || sum(in_day) from spend_slot"), "12 12");
}

TEST_F(send_limits_test, networks_prefixes_and_devices_have_limits_too) {
    const auto body = [&](world& w) -> task<void> {
        auto network = [&](int i) { return ask(w, apart(i), at(fmt::format("203.0.113.{}", i))); };
        EXPECT_EQ(successes(co_await in_parallel<sending>(40, network)), 9);
        auto prefix = [&](int i) { return ask(w, a_phone(i), at(fmt::format("198.51.{}.1", i))); };
        EXPECT_EQ(successes(co_await in_parallel<sending>(40, prefix)), 7);
        auto device = [&](int i) {
            return ask(w, apart(1000 + i), {fmt::format("192.0.{}.1", i), "one-and-the-same"});
        };
        EXPECT_EQ(successes(co_await in_parallel<sending>(40, device)), 5);
        auto whole_site = [&](int i) {
            return ask(w, apart(2000 + i), at(fmt::format("2001:db8:7:{:x}::1", i)));
        };
        EXPECT_EQ(successes(co_await in_parallel<sending>(40, whole_site)), 9);
    };
    in_a_world(db, body, limited({.address = 100, .network = 9, .prefix = 7, .device = 5}));
}

TEST_F(send_limits_test, the_ceiling_of_all_messages_is_exact_and_opens_with_the_next_hour) {
    const moved_clock midday(
        seconds(86'400 - clock::now().time_since_epoch() / seconds(1) % 86'400 + 6 * 3600));
    const auto body = [&](world& w) -> task<void> {
        for (int i = 0; i < 100; ++i) co_await enroll(w, apart(i));
        auto one = [&](int i) { return ask(w, apart(i), at(fmt::format("10.0.{}.1", i))); };
        EXPECT_EQ(successes(co_await in_parallel<sending>(100, one)), 30);
        const auto refused = co_await ask(w, apart(101), {});
        EXPECT_EQ(refused.error(), error::too_many_codes);
        EXPECT_GT(refused.error().wait, seconds(1740));
        EXPECT_LE(refused.error().wait, seconds(1800));
        const moved_clock next_hour(refused.error().wait);
        // What is left of the day.
        EXPECT_EQ(successes(co_await in_parallel<sending>(100, one)), 10);
        const auto until_tomorrow = (co_await ask(w, apart(101), {})).error().wait;
        EXPECT_GT(until_tomorrow, seconds(11 * 3600));
        const moved_clock tomorrow(until_tomorrow);
        EXPECT_TRUE(co_await ask(w, apart(101), {}));
    };
    in_a_world(db, body, limited({.hourly = 30, .daily = 40}));
    EXPECT_EQ(messages(), "40");
}

TEST_F(send_limits_test, unknown_phones_do_not_use_up_the_budget_but_are_refused_alike) {
    const auto body = [&](world& w) -> task<void> {
        co_await enroll(w, apart(0));
        for (int i = 1; i < 9; ++i) EXPECT_TRUE(co_await ask(w, apart(i), {}));
        EXPECT_TRUE(co_await ask(w, apart(0), {}));
        EXPECT_EQ((co_await ask(w, apart(10), {})).error(), error::too_many_codes);
        EXPECT_EQ((co_await ask(w, apart(0), {})).error(), error::too_many_codes);
    };
    in_a_world(db, body, limited({.hourly = 1, .daily = 1}));
    EXPECT_EQ(messages(), "1");
}

TEST_F(send_limits_test, codes_that_are_entered_free_their_place) {
    const auto body = [&](world& w) -> task<void> {
        for (int i = 0; i < 30; ++i) {
            co_await enroll(w, apart(i));
            const auto challenge = (co_await ask(w, apart(i), at("203.0.113.7"))).value();
            const auto right =
                co_await answer_code(w.people, apart(i), challenge, co_await w.last_code(), "r");
            EXPECT_TRUE(right);
        }
        // One in five gives up: nobody is kept out.
        for (int i = 100; i < 180; ++i) {
            co_await enroll(w, apart(i));
            const auto challenge = co_await ask(w, apart(i), at("203.0.113.7"));
            EXPECT_TRUE(challenge) << i;
            if (challenge && i % 5 != 0)
                co_await answer_code(w.people, apart(i), *challenge, co_await w.last_code(), "r");
        }
        // Signing up frees it as well.
        for (int i = 300; i < 310; ++i) {
            sign_up_request asked{apart(i), user_kind::user, {}, "r", at("203.0.113.7")};
            const auto made = co_await sign_up(w.people, std::move(asked));
            EXPECT_TRUE(made) << i;
            if (!made) continue;
            const confirmation right{apart(i), made->challenge, co_await w.last_code(), "r"};
            EXPECT_TRUE(co_await confirm_sign_up(w.people, right));
        }
    };
    in_a_world(db, body, limited({.address = 4, .network = 5}));
}

TEST_F(send_limits_test, a_refused_code_changes_nothing_and_says_when_to_come_back) {
    const auto body = [&](world& w) -> task<void> {
        for (int i = 0; i < 4; ++i) EXPECT_TRUE(co_await ask(w, apart(i), at("203.0.113.7")));
        const auto before = db.execute("select string_agg(b::text, ' ' order by key) from send_bucket b");
        const auto refused = co_await ask(w, apart(5), at("203.0.113.7"));
        EXPECT_EQ(refused.error(), error::too_many_codes);
        EXPECT_GT(refused.error().wait, seconds(6 * 3600 - 60));
        EXPECT_LE(refused.error().wait, seconds(6 * 3600));
        EXPECT_EQ(db.execute("select string_agg(b::text, ' ' order by key) from send_bucket b"), before);
        const moved_clock too_early(refused.error().wait - seconds(60));
        EXPECT_EQ((co_await ask(w, apart(5), at("203.0.113.7"))).error(), error::too_many_codes);
        const moved_clock then(seconds(60));
        EXPECT_TRUE(co_await ask(w, apart(5), at("203.0.113.7")));
    };
    in_a_world(db, body, limited({.address = 4}));
    EXPECT_EQ(db.execute("select count(*) from phone_guard"), "5");
}

TEST_F(send_limits_test, a_phone_says_when_its_window_or_its_lock_ends) {
    in_a_world(db, [&](world& w) -> task<void> {
        for (int i = 0; i < 3; ++i) EXPECT_TRUE(co_await ask(w, a_phone(), {}));
        const auto wait = (co_await ask(w, a_phone(), {})).error().wait;
        EXPECT_GT(wait, seconds(890));
        EXPECT_LE(wait, seconds(900));
        const moved_clock later(wait);
        EXPECT_TRUE(co_await ask(w, a_phone(), {}));
        db.execute("update phone_guard set locked_until = app_now() + interval '2 days'");
        EXPECT_GT((co_await ask(w, a_phone(), {})).error().wait, seconds(86'400));
    });
}

// The newest code, or one that fits nothing while none was sent: at first nobody has these phones.
task<secret> any_code(world& w) {
    auto sent = co_await w.codes();
    co_return sent.empty() ? secret("000000") : std::move(sent.back());
}

// What deadlocks when locks are taken in different orders: every kind of statement over the same few rows.
TEST_F(send_limits_test, nothing_deadlocks) {
    const auto body = [&](world& w) -> task<void> {
        auto one = [&](int i) -> task<int> {
            const auto phone = apart(i % 7);
            const origin from{fmt::format("203.0.113.{}", i % 3), fmt::format("device-{}", i % 2)};
            if (i % 3 == 0) {
                const auto made = co_await sign_up(w.people, {phone, user_kind::user, {}, "r", from});
                if (made) co_await confirm_sign_up(w.people, {phone, {}, co_await any_code(w), "r"});
            } else {
                const auto challenge = co_await ask(w, phone, from);
                if (challenge) co_await answer_code(w.people, phone, *challenge, co_await any_code(w), "r");
            }
            co_return i;
        };
        for (int round = 0; round < 4; ++round) {
            co_await in_parallel<int>(100, one);
            db.execute("delete from phone_guard");
        }
    };
    in_a_world(db, body, limited({.address = 40, .network = 60, .prefix = 40, .device = 50}));
    EXPECT_EQ(db.execute("select deadlocks from pg_stat_database where datname = current_database()"), "0");
}

TEST_F(send_limits_test, buckets_that_ran_empty_are_pruned) {
    in_a_world(db, [&](world& w) -> task<void> {
        EXPECT_TRUE(co_await ask(w, apart(0), at("203.0.113.7")));
        co_await prune_sign_ins(w.people.pg);
        EXPECT_EQ(db.execute("select count(*) from send_bucket"), "3");
        const moved_clock later(seconds(86'401));
        co_await prune_sign_ins(w.people.pg);
        EXPECT_EQ(db.execute("select count(*) from send_bucket"), "0");
    });
}

}  // namespace
}  // namespace astrotalk::identity
