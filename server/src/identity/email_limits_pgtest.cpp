// What bounds guessing a code that was sent by e-mail, and sending them.
#include "identity/email_pgtest.hpp"

namespace astrotalk::identity {
namespace {

using namespace testing;
using std::chrono::hours;
using std::chrono::minutes;

struct email_limits_test : ::testing::Test {
    pg::testing::database db;
};

TEST_F(email_limits_test, five_wrong_answers_end_the_code_and_lock_until_the_time_is_over) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto in = co_await newcomer(w, 1);
        (co_await ask_for(w, in, "asha@example.in")).value();
        const auto code = co_await w.last_code();
        auto guess = [&](int) { return answer(w, in, other_than(code)); };
        const auto results = co_await in_parallel<account_outcome<void>>(40, guess);
        EXPECT_EQ(count_of(results, account_error::code_mismatch), 5);
        EXPECT_EQ((co_await answer(w, in, code)).error(), account_error::locked_out);
        EXPECT_EQ((co_await ask_for(w, in, "asha@example.in")).error(), account_error::too_many_codes);
        const moved_clock later(minutes(1));
        EXPECT_EQ((co_await answer(w, in, code)).error(), account_error::code_expired);
        co_await prove(w, in, "asha@example.in");
    });
    EXPECT_EQ(
        db.execute("select count(*) || ' ' || count(detail) from audit_pending where action = 'code.wrong'"),
        "5 1");
}

TEST_F(email_limits_test, wrong_answers_add_up_over_codes) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto in = co_await newcomer(w, 1);
        for (int i = 0; i < 3; ++i) {
            (co_await ask_for(w, in, fmt::format("asha{}@example.in", i))).value();
            for (int n = 0; n < (i < 2 ? 2 : 1); ++n)
                EXPECT_EQ((co_await answer(w, in, other_than(co_await w.last_code()))).error(),
                          account_error::code_mismatch);
        }
        EXPECT_EQ((co_await answer(w, in, co_await w.last_code())).error(), account_error::locked_out);
    });
}

// Everything that a refused send could write.
std::string state_of(pg::testing::database& db) {
    return db.execute(
        "select md5(string_agg(t.row, '|' order by t.row)) from (select e::text as row from email_change e "
        "union all select g::text from email_guard g union all select o.id::text from outbox o "
        "union all select a.id::text from audit_pending a) t");
}

TEST_F(email_limits_test, one_user_gets_three_codes_in_a_quarter_of_an_hour_and_ten_a_day) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto in = co_await newcomer(w, 1);
        for (int i = 0; i < 3; ++i) (co_await ask_for(w, in, fmt::format("asha{}@example.in", i))).value();
        const auto code = co_await w.last_code();
        const auto before = state_of(db);
        const auto refused = co_await ask_for(w, in, "asha3@example.in");
        EXPECT_EQ(refused.error(), account_error::too_many_codes);
        EXPECT_GT(refused.error().wait, minutes(14));
        EXPECT_LE(refused.error().wait, minutes(15));
        EXPECT_EQ(state_of(db), before);
        EXPECT_TRUE(co_await answer(w, in, code));
        int sent = 3;
        std::vector<std::unique_ptr<moved_clock>> moves;
        for (int i = 0; i < 12; ++i) {
            moves.push_back(std::make_unique<moved_clock>(minutes(16)));
            const auto asked = co_await ask_for(w, in, fmt::format("mail{}@example.in", i));
            if (asked) {
                ++sent;
                continue;
            }
            EXPECT_EQ(asked.error(), account_error::too_many_codes);
            EXPECT_GT(asked.error().wait, hours(20));
        }
        EXPECT_EQ(sent, 10);
        moves.push_back(std::make_unique<moved_clock>(hours(24)));
        EXPECT_TRUE(co_await ask_for(w, in, "late@example.in"));
    });
}

TEST_F(email_limits_test, many_accounts_cannot_flood_a_mailbox_however_they_spell_it) {
    in_a_world(db, [&](world& w) -> task<void> {
        std::vector<signed_in> people;
        for (int i = 0; i < 9; ++i) people.push_back(co_await newcomer(w, i));
        const std::string spelled[] = {"asha@example.in",   "ASHA@example.in",   "asha+1@example.in",
                                       "asha+2@EXAMPLE.in", "Asha+3@example.in", "asha@example.in",
                                       "asha+4@example.in", "asha+5@example.in"};
        auto ask = [&](int i) {
            return ask_for(w, people[static_cast<std::size_t>(i)], spelled[static_cast<std::size_t>(i)]);
        };
        const auto results = co_await in_parallel<account_outcome<void>>(8, ask);
        EXPECT_EQ(successes(results), 3);
        for (const auto& each : results)
            if (!each) EXPECT_GT(each.error().wait.count(), 0);
        // Whoever was refused has used up nothing of their own.
        EXPECT_EQ(db.execute("select count(*) from email_guard where get_byte(key, 0) = ascii('u')"), "3");
        EXPECT_TRUE(co_await ask_for(w, people[8], "else@example.in"));
    });
    EXPECT_EQ(db.execute("select count(*) from outbox where kind = 'email.send'"), "4");
    EXPECT_EQ(db.execute("select count(*) from email_change"), "4");
}

TEST_F(email_limits_test, parallel_sends_of_one_user_are_three) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto in = co_await newcomer(w, 1);
        auto ask = [&](int i) { return ask_for(w, in, fmt::format("asha{}@example.in", i)); };
        const auto results = co_await in_parallel<account_outcome<void>>(20, ask);
        EXPECT_EQ(successes(results), 3);
        EXPECT_EQ(count_of(results, account_error::too_many_codes), 17);
    });
    EXPECT_EQ(db.execute("select count(*) from outbox where kind = 'email.send'"), "3");
}

}  // namespace
}  // namespace astrotalk::identity
