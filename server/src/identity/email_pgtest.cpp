// An e-mail address of an account: proved by a code, and nobody's way in.
#include "identity/email_pgtest.hpp"

namespace astrotalk::identity {
namespace {

using namespace testing;
using std::chrono::hours;
using std::chrono::minutes;

struct email_test : ::testing::Test {
    pg::testing::database db;
    const administrator by{"AKIATESTTESTTESTTEST", "request"};

    std::string audited(const std::string& action) {
        return db.execute("select count(*) from audit_pending where action = '" + action + "'");
    }
};

TEST_F(email_test, an_address_is_the_accounts_once_it_is_proved) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto in = co_await newcomer(w, 1);
        (co_await ask_for(w, in, "Asha@Example.in")).value();
        EXPECT_EQ(co_await last_receiver(w), "Asha@example.in");
        const auto first = co_await w.last_code();
        EXPECT_EQ(co_await email_of(w, in), "");
        const auto again = co_await send_email_code(w.people, caller_of(in));
        EXPECT_EQ(again.value().reveal(), "Asha@example.in");
        const auto second = co_await w.last_code();
        if (first.reveal() != second.reveal())
            EXPECT_EQ((co_await answer(w, in, first)).error(), account_error::code_mismatch);
        EXPECT_TRUE(co_await answer(w, in, second));
        EXPECT_EQ(co_await email_of(w, in), "Asha@example.in true");
        EXPECT_EQ((co_await answer(w, in, second)).error(), account_error::nothing_to_verify);
        EXPECT_EQ((co_await ask_for(w, in, "Asha@example.in")).error(), account_error::unchanged);
        EXPECT_EQ((co_await send_email_code(w.people, caller_of(in))).error(),
                  account_error::nothing_to_verify);
    });
    EXPECT_EQ(audited("user.change_email"), "1");
    EXPECT_EQ(
        db.execute("select count(*) from pool_user where position('example' in email_sealed::text) > 0"),
        "0");
}

TEST_F(email_test, the_one_before_stays_until_the_new_one_is_proved_and_is_told_then) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto in = co_await newcomer(w, 1);
        co_await prove(w, in, "old@example.in");
        const auto sent = (co_await w.codes()).size();
        (co_await ask_for(w, in, "new@example.in")).value();
        EXPECT_EQ(co_await email_of(w, in), "old@example.in true");
        EXPECT_TRUE(co_await answer(w, in, co_await w.last_code()));
        EXPECT_EQ(co_await email_of(w, in), "new@example.in true");
        EXPECT_EQ(co_await last_receiver(w), "old@example.in");
        EXPECT_NE((co_await w.last_text()).find("another e-mail address"), std::string::npos);
        EXPECT_EQ((co_await w.codes()).size(), sent + 2);
    });
    EXPECT_EQ(audited("user.change_email"), "2");
}

TEST_F(email_test, of_a_hundred_parallel_right_answers_one_verifies) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto in = co_await newcomer(w, 1);
        (co_await ask_for(w, in, "asha@example.in")).value();
        const auto code = co_await w.last_code();
        auto use = [&](int) { return answer(w, in, code); };
        const auto results = co_await in_parallel<account_outcome<void>>(100, use);
        EXPECT_EQ(successes(results), 1);
        EXPECT_EQ(count_of(results, account_error::code_expired) +
                      count_of(results, account_error::nothing_to_verify),
                  99);
        EXPECT_EQ(co_await email_of(w, in), "asha@example.in true");
    });
    EXPECT_EQ(audited("user.change_email"), "1");
    EXPECT_EQ(audited("code.wrong"), "0");
}

TEST_F(email_test, a_code_lives_ten_minutes_and_proves_its_own_address_to_its_own_user) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto in = co_await newcomer(w, 1);
        const auto other = co_await newcomer(w, 2);
        (co_await ask_for(w, in, "one@example.in")).value();
        const auto code = co_await w.last_code();
        (co_await ask_for(w, other, "one@example.in")).value();
        const auto others_code = co_await w.last_code();
        if (code.reveal() != others_code.reveal())
            EXPECT_EQ((co_await answer(w, in, others_code)).error(), account_error::code_mismatch);
        (co_await ask_for(w, in, "two@example.in")).value();
        EXPECT_EQ((co_await answer(w, in, code)).error(), account_error::code_mismatch);
        // Nobody's way in, so both may have it.
        EXPECT_TRUE(co_await answer(w, other, others_code));
        const auto last = co_await w.last_code();
        const moved_clock later(minutes(10));
        EXPECT_EQ((co_await answer(w, in, last)).error(), account_error::code_expired);
        co_await prove(w, in, "one@example.in");
        EXPECT_EQ(co_await email_of(w, in), co_await email_of(w, other));
    });
}

TEST_F(email_test, one_told_at_sign_up_is_kept_and_verified_afterwards) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto told = [](std::string_view address) {
            return sign_up_request{
                .phone = a_phone(1), .name = {}, .request_id = "r", .from = {}, .email = at(address)};
        };
        (co_await sign_up(w.people, told("typo@example.in"))).value();
        const auto made = (co_await sign_up(w.people, told("asha@example.in"))).value();
        const confirmation right{a_phone(1), made.challenge, co_await w.last_code(), "r"};
        (co_await confirm_sign_up(w.people, right)).value();
        const auto in = co_await w.sign_in(a_phone(1));
        EXPECT_EQ(in.who.email->reveal(), "asha@example.in");
        EXPECT_EQ(co_await email_of(w, in), "asha@example.in false");
        EXPECT_EQ((co_await send_email_code(w.people, caller_of(in))).value().reveal(), "asha@example.in");
        EXPECT_TRUE(co_await answer(w, in, co_await w.last_code()));
        EXPECT_EQ(co_await email_of(w, in), "asha@example.in true");
    });
    EXPECT_EQ(db.execute("select count(*) from outbox where kind = 'email.send'"), "1");
}

TEST_F(email_test, whoever_reads_hindi_is_written_to_in_it) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto in = co_await newcomer(w, 1);
        db.execute("update pool_user set language = 'hi'");
        (co_await ask_for(w, in, "asha@example.in")).value();
        EXPECT_NE((co_await w.last_text()).find("आपका कोड है"), std::string::npos);
        EXPECT_TRUE(co_await answer(w, in, co_await w.last_code()));
    });
}

TEST_F(email_test, it_is_taken_away_with_what_waits) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto in = co_await newcomer(w, 1);
        co_await prove(w, in, "asha@example.in");
        (co_await ask_for(w, in, "new@example.in")).value();
        const auto code = co_await w.last_code();
        EXPECT_TRUE(co_await remove_email(w.people, caller_of(in), "r"));
        EXPECT_EQ(co_await email_of(w, in), "");
        EXPECT_EQ((co_await answer(w, in, code)).error(), account_error::nothing_to_verify);
    });
    EXPECT_EQ(audited("user.remove_email"), "1");
    EXPECT_EQ(db.execute("select count(*) from email_change"), "0");
}

TEST_F(email_test, a_closed_account_leaves_nothing_of_it_and_an_ended_session_does_nothing) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto in = co_await newcomer(w, 1);
        co_await prove(w, in, "asha@example.in");
        (co_await ask_for(w, in, "new@example.in")).value();
        EXPECT_TRUE(co_await close_account(w.people, caller_of(in), "r"));
        EXPECT_EQ((co_await ask_for(w, in, "x@example.in")).error(), account_error::signed_out);
        EXPECT_EQ((co_await answer(w, in, co_await w.last_code())).error(), account_error::signed_out);
        EXPECT_EQ((co_await send_email_code(w.people, caller_of(in))).error(), account_error::signed_out);
        EXPECT_EQ((co_await remove_email(w.people, caller_of(in), "r")).error(), account_error::signed_out);
    });
    EXPECT_EQ(db.execute("select count(*) from pool_user where email_sealed is not null or email_verified"),
              "0");
    EXPECT_EQ(db.execute("select count(*) from email_change"), "0");
    EXPECT_EQ(db.execute("select count(*) from email_guard where get_byte(key, 0) = ascii('u')"), "0");
}

TEST_F(email_test, closing_an_account_beside_codes_and_answers_ends_with_nothing_left) {
    in_a_world(db, [&](world& w) -> task<void> {
        for (int round = 0; round < 5; ++round) {
            const auto in = co_await newcomer(w, round);
            (co_await ask_for(w, in, fmt::format("asha{}@example.in", round))).value();
            const auto code = co_await w.last_code();
            auto one = [&](int i) -> task<account_outcome<void>> {
                if (i == 4) return close_account(w.people, caller_of(in), "r");
                if (i % 2 == 0) return answer(w, in, code);
                return ask_for(w, in, fmt::format("asha{}@example.in", 100 + i));
            };
            co_await in_parallel<account_outcome<void>>(9, one);  // none throws: none deadlocks
        }
    });
    EXPECT_EQ(db.execute("select count(*) from pool_user where email_sealed is not null"), "0");
    EXPECT_EQ(db.execute("select count(*) from email_change"), "0");
}

TEST_F(email_test, what_is_sealed_moves_to_another_data_key) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto in = co_await newcomer(w, 1);
        co_await prove(w, in, "asha@example.in");
        (co_await ask_for(w, in, "new@example.in")).value();
        crypto::keyring ring(bytes(32, 1));
        const auto data_key = ring.make_data_key();
        EXPECT_TRUE(ring.learn(data_key));
        ring.seal_with(data_key.id);
        int columns = 0;
        for (const auto& column : sealed_columns()) {
            if (!column.name.ends_with(".email")) continue;
            ++columns;
            const auto done = co_await jobs::reseal(w.people.pg, ring, column);
            EXPECT_EQ(done.changed, 1) << column.name;
            EXPECT_EQ(done.unreadable, 0) << column.name;
        }
        EXPECT_EQ(columns, 2);
        static constexpr pg::statement sealed{"test.sealed_email", "select email_sealed from pool_user", 0};
        const auto moved = co_await w.people.pg.read_one<bytes>(sealed);
        EXPECT_EQ(open_email(ring, in.who.id, *moved).reveal(), "asha@example.in");
    });
}

TEST_F(email_test, what_is_old_is_pruned_and_what_still_limits_is_not) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto in = co_await newcomer(w, 1);
        (co_await ask_for(w, in, "asha@example.in")).value();
        co_await prune_sign_ins(w.people.pg);
        EXPECT_EQ(db.execute("select count(*) from email_change"), "1");
        EXPECT_EQ(db.execute("select count(*) from email_guard"), "2");
        const moved_clock later(hours(25));
        co_await prune_sign_ins(w.people.pg);
    });
    EXPECT_EQ(db.execute("select count(*) from email_change"), "0");
    EXPECT_EQ(db.execute("select count(*) from email_guard"), "0");
}

TEST_F(email_test, an_administrator_writes_it_and_vouches_for_it) {
    in_a_world(db, [&](world& w) -> task<void> {
        created_person asha{.phone = a_phone(1), .name = {}, .kind = user_kind::user};
        asha.email = at("asha@example.in");
        asha.email_verified = true;
        const auto made = (co_await create_user(w.people, asha, by)).value();
        const user_name who{.id = made.who.id, .phone = {}};
        const auto shown = [&]() -> task<std::string> {
            const auto user = (co_await read_user(w.people, who, by)).value().who;
            co_return user.email ? fmt::format("{} {}", user.email->reveal(), user.email_verified) : "";
        };
        const auto change = [&](attribute_changes to) {
            return update_user(w.people, who, std::move(to), by);
        };
        EXPECT_EQ(co_await shown(), "asha@example.in true");
        attribute_changes another, mark, none;
        another.email = at("new@example.in");
        EXPECT_TRUE(co_await change(another));
        EXPECT_EQ(co_await shown(), "new@example.in false");
        mark.email_verified = true;
        EXPECT_TRUE(co_await change(mark));
        EXPECT_EQ(co_await shown(), "new@example.in true");
        none.email.emplace();
        EXPECT_TRUE(co_await change(none));
        EXPECT_EQ(co_await shown(), "");
        mark.name.emplace(personal("Asha"));
        EXPECT_EQ((co_await change(mark)).error(), admin_error::no_email);
        EXPECT_FALSE((co_await read_user(w.people, who, by)).value().who.name);  // all or nothing
        mark.email_verified = false;
        EXPECT_TRUE(co_await change(mark));
    });
    EXPECT_EQ(db.execute("select count(*) from outbox where kind = 'email.send'"), "0");
}

}  // namespace
}  // namespace astrotalk::identity
