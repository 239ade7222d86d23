#include "identity/people_pgtest.hpp"

namespace astrotalk::identity {
namespace {

using namespace testing;
using std::chrono::minutes;

struct account_test : ::testing::Test {
    pg::testing::database db;
};

task<account_outcome<void>> ask_for(world& w, const signed_in& in, phone_number to) {
    return change_phone(w.people, main_client(w.people), caller_of(in), std::move(to), {});
}
task<account_outcome<void>> answer(world& w, const signed_in& in, secret code) {
    return verify_phone(w.people, caller_of(in), std::move(code), "r");
}
task<bool> can_sign_in(world& w, phone_number phone) {
    const auto before = (co_await w.codes()).size();
    const auto asked = co_await send_code(w.people, phone, code_purpose::sign_in);
    if (!asked || (co_await w.codes()).size() == before) co_return false;
    co_return (co_await answer_code(w.people, phone, *asked, co_await w.last_code(), "r")).has_value();
}
secret other_than(const secret& code) { return secret(code.reveal() == "000000" ? "000001" : "000000"); }

// A message to each of two: the code to the new phone, then the news to the old one.
TEST_F(account_test, a_new_phone_takes_over_when_it_is_proved) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto id = co_await w.join(a_phone(1));
        const auto in = co_await w.sign_in(a_phone(1));
        const auto asked = co_await ask_for(w, in, a_phone(2));
        EXPECT_TRUE(asked);
        const auto code = co_await w.last_code();
        EXPECT_FALSE(co_await can_sign_in(w, a_phone(2)));
        const auto again = co_await send_change_code(w.people, main_client(w.people), caller_of(in), {});
        EXPECT_EQ(again.value().reveal(), a_phone(2).reveal());
        EXPECT_EQ((co_await answer(w, in, code)).error(), account_error::code_mismatch);
        EXPECT_TRUE(co_await answer(w, in, co_await w.last_code()));
        EXPECT_NE((co_await w.last_text()).find("another number"), std::string::npos);
        const moved_clock later(minutes(16));
        EXPECT_FALSE(co_await can_sign_in(w, a_phone(1)));
        EXPECT_EQ((co_await w.sign_in(a_phone(2))).who.id, id);
        EXPECT_EQ((co_await find_with_profile(w.people, id))->who.phone.reveal(), a_phone(2).reveal());
        EXPECT_EQ((co_await answer(w, in, code)).error(), account_error::nothing_to_verify);
    });
    EXPECT_EQ(db.execute("select count(*) from audit_pending where action = 'user.change_phone'"), "1");
}

TEST_F(account_test, of_parallel_right_answers_one_changes_the_phone) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone(1));
        const auto in = co_await w.sign_in(a_phone(1));
        const auto asked = co_await ask_for(w, in, a_phone(2));
        EXPECT_TRUE(asked);
        const auto code = co_await w.last_code();
        auto use = [&](int) { return answer(w, in, code); };
        const auto results = co_await in_parallel<account_outcome<void>>(50, use);
        EXPECT_EQ(std::ranges::count_if(results, [](auto& r) { return r.has_value(); }), 1);
    });
    EXPECT_EQ(db.execute("select count(*) from audit_pending where action = 'user.change_phone'"), "1");
}

TEST_F(account_test, wrong_answers_end_the_code_and_count_against_the_new_phone) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone(1));
        const auto in = co_await w.sign_in(a_phone(1));
        const auto asked = co_await ask_for(w, in, a_phone(2));
        EXPECT_TRUE(asked);
        const auto code = co_await w.last_code();
        auto guess = [&](int) { return answer(w, in, other_than(code)); };
        const auto results = co_await in_parallel<account_outcome<void>>(20, guess);
        EXPECT_EQ(
            std::ranges::count(results, account_error::code_mismatch, [](auto& r) { return r.error().why; }),
            5);
        EXPECT_EQ((co_await answer(w, in, code)).error(), account_error::locked_out);
        EXPECT_TRUE(co_await can_sign_in(w, a_phone(1)));
    });
}

TEST_F(account_test, a_code_for_one_number_does_not_prove_another) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone(1));
        co_await w.join(a_phone(5));
        const auto in = co_await w.sign_in(a_phone(1));
        const auto other = co_await w.sign_in(a_phone(5));
        const auto first = co_await ask_for(w, in, a_phone(2));
        EXPECT_TRUE(first);
        const auto code = co_await w.last_code();
        const auto second = co_await ask_for(w, in, a_phone(3));
        EXPECT_TRUE(second);
        EXPECT_EQ((co_await answer(w, in, code)).error(), account_error::code_mismatch);
        EXPECT_EQ((co_await answer(w, other, co_await w.last_code())).error(),
                  account_error::nothing_to_verify);
        // The same number wanted by somebody else: their code, and nobody else's.
        const auto stolen = co_await ask_for(w, other, a_phone(3));
        EXPECT_TRUE(stolen);
        EXPECT_EQ((co_await answer(w, in, co_await w.last_code())).error(), account_error::code_expired);
        EXPECT_TRUE(co_await answer(w, other, co_await w.last_code()));
    });
}

TEST_F(account_test, a_sign_in_code_of_the_old_phone_opens_nothing_after_the_change) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone(1));
        const auto in = co_await w.sign_in(a_phone(1));
        const auto waiting = (co_await send_code(w.people, a_phone(1), code_purpose::sign_in)).value();
        const auto sign_in_code = co_await w.last_code();
        const auto asked = co_await ask_for(w, in, a_phone(2));
        EXPECT_TRUE(asked);
        EXPECT_TRUE(co_await answer(w, in, co_await w.last_code()));
        EXPECT_FALSE(co_await answer_code(w.people, a_phone(1), waiting, sign_in_code, "r"));
    });
}

TEST_F(account_test, a_phone_with_an_account_is_not_taken_and_says_so_to_its_holder_only) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone(1));
        const auto owner = co_await w.join(a_phone(2));
        const auto in = co_await w.sign_in(a_phone(1));
        const auto asked = co_await ask_for(w, in, a_phone(2));
        EXPECT_TRUE(asked);
        const auto code = co_await w.last_code();
        EXPECT_EQ((co_await answer(w, in, other_than(code))).error(), account_error::code_mismatch);
        EXPECT_EQ((co_await answer(w, in, code)).error(), account_error::taken);
        EXPECT_EQ((co_await w.sign_in(a_phone(2))).who.id, owner);
        EXPECT_TRUE(co_await can_sign_in(w, a_phone(1)));
    });
}

TEST_F(account_test, phones_that_change_crosswise_end_with_one_owner_each) {
    in_a_world(db, [&](world& w) -> task<void> {
        std::vector<signed_in> people;
        for (int i = 0; i < 2; ++i) {
            co_await w.join(a_phone(i));
            people.push_back(co_await w.sign_in(a_phone(i)));
        }
        std::vector<secret> codes;
        for (std::size_t i = 0; i < 2; ++i) {
            const auto asked = co_await ask_for(w, people[i], a_phone(1 - static_cast<int>(i)));
            EXPECT_TRUE(asked);
            codes.push_back(co_await w.last_code());
        }
        auto use = [&](int i) {
            return answer(w, people[static_cast<std::size_t>(i)], codes[static_cast<std::size_t>(i)]);
        };
        for (const auto& each : co_await in_parallel<account_outcome<void>>(2, use))
            EXPECT_EQ(each.error(), account_error::taken);
    });
    EXPECT_EQ(db.execute("select count(distinct phone_hash) from pool_user"), "2");
}

TEST_F(account_test, a_sign_up_that_nobody_confirmed_gives_way) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone(1));
        const sign_up_request squatter{.phone = a_phone(2), .name = {}, .request_id = "r"};
        const auto waiting = (co_await sign_up(w.people, squatter)).value();
        const auto sign_up_code = co_await w.last_code();
        const auto in = co_await w.sign_in(a_phone(1));
        const auto asked = co_await ask_for(w, in, a_phone(2));
        EXPECT_TRUE(asked);
        EXPECT_TRUE(co_await answer(w, in, co_await w.last_code()));
        EXPECT_EQ((co_await w.sign_in(a_phone(2))).who.id, in.who.id);
        const confirmation late{a_phone(2), waiting.challenge, sign_up_code, "r"};
        EXPECT_FALSE(co_await confirm_sign_up(w.people, late));
    });
    EXPECT_EQ(db.execute("select count(*) from pool_user"), "1");
}

TEST_F(account_test, an_old_session_must_sign_in_again_first) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone(1));
        const auto in = co_await w.sign_in(a_phone(1));
        const auto sent = (co_await w.codes()).size();
        const moved_clock later(minutes(11));
        EXPECT_EQ((co_await ask_for(w, in, a_phone(2))).error(), account_error::sign_in_again);
        EXPECT_EQ((co_await w.codes()).size(), sent);
        EXPECT_EQ((co_await ask_for(w, co_await w.sign_in(a_phone(1)), a_phone(1))).error(),
                  account_error::unchanged);
    });
}

TEST_F(account_test, a_code_that_is_not_sent_leaves_the_one_before_it_alone) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone(1));
        const auto in = co_await w.sign_in(a_phone(1));
        for (int i = 0; i < 3; ++i)
            EXPECT_TRUE(co_await send_code(w.people, a_phone(3), code_purpose::sign_in));
        const auto asked = co_await ask_for(w, in, a_phone(2));
        EXPECT_TRUE(asked);
        const auto code = co_await w.last_code();
        const auto refused = co_await ask_for(w, in, a_phone(3));
        EXPECT_EQ(refused.error(), account_error::too_many_codes);
        EXPECT_GT(refused.error().wait.count(), 0);
        EXPECT_TRUE(co_await answer(w, in, code));
    });
}

TEST_F(account_test, one_user_cannot_try_many_numbers) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone(1));
        const auto in = co_await w.sign_in(a_phone(1));
        int sent = 0;
        for (int i = 0; i < 30; ++i) sent += (co_await ask_for(w, in, a_phone(100 + i))).has_value();
        EXPECT_EQ(sent, send_limits().device);
    });
}

TEST_F(account_test, sessions_are_listed_and_ended_by_their_owner_alone) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone(1));
        co_await w.join(a_phone(2));
        const auto phone = co_await w.sign_in(a_phone(1));
        const auto challenge = (co_await send_code(w.people, a_phone(1), code_purpose::sign_in)).value();
        const origin from{.address = "192.0.2.7", .device = "", .agent = "Firefox/132.0 (Windows)"};
        const auto answered = (co_await answer_code(w.people, main_client(w.people), a_phone(1), challenge,
                                                    co_await w.last_code(), "r", from))
                                  .value();
        const auto laptop = std::get<signed_in>(answered);
        const auto stranger = co_await w.sign_in(a_phone(2));
        auto listed = co_await list_sessions(w.people, caller_of(phone), {}, 60);
        EXPECT_EQ(listed.size(), 2u);
        EXPECT_EQ(listed[0].id, laptop.in.id);
        EXPECT_EQ(listed[0].device, "Firefox on Windows");
        EXPECT_EQ(listed[0].address, "192.0.2.7");
        EXPECT_FALSE(listed[0].current);
        EXPECT_TRUE(listed[1].current);
        const moved_clock later(minutes(5));
        const origin moved{.address = "2001:db8::1", .device = "", .agent = "curl/7.88"};
        const auto next =
            (co_await refresh(w.people, main_client(w.people), laptop.refresh_token, "r", moved)).value();
        listed = co_await list_sessions(w.people, caller_of(phone), {}, 60);
        EXPECT_EQ(listed[0].address, "2001:db8::1");
        EXPECT_GE(listed[0].last_seen - listed[0].began, minutes(5));

        EXPECT_FALSE(co_await end_session(w.people, caller_of(stranger), laptop.in.id, "r"));
        EXPECT_FALSE(co_await end_session(w.people, caller_of(phone), phone.in.id, "r"));
        auto end = [&](int) { return end_session(w.people, caller_of(phone), laptop.in.id, "r"); };
        const auto ended = co_await in_parallel<bool>(10, end);
        EXPECT_EQ(std::ranges::count(ended, true), 1);
        EXPECT_EQ((co_await refresh(w.people, next.refresh_token, "r")).error(), error::token_revoked);
        EXPECT_FALSE(co_await end_session(w.people, caller_of(laptop), phone.in.id, "r"));
        EXPECT_TRUE((co_await list_sessions(w.people, caller_of(laptop), {}, 60)).empty());
        EXPECT_EQ((co_await list_sessions(w.people, caller_of(phone), {}, 60)).size(), 1u);
    });
    EXPECT_EQ(db.execute("select string_agg(cause, ',') from revocation"), "revoke_session");
    EXPECT_EQ(
        db.execute("select count(*) from refresh_token where position('192.0.2.7' in seen_sealed::text) > 0"),
        "0");
}

TEST_F(account_test, a_closed_account_leaves_nothing_and_gets_no_second_welcome) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto id = co_await w.join(a_phone(1));
        const auto in = co_await w.sign_in(a_phone(1));
        EXPECT_TRUE(co_await ask_for(w, in, a_phone(2)));
        EXPECT_TRUE(co_await close_account(w.people, caller_of(in), "r"));
        EXPECT_EQ((co_await close_account(w.people, caller_of(in), "r")).error(), account_error::signed_out);
        EXPECT_EQ((co_await refresh(w.people, in.refresh_token, "r")).error(), error::token_revoked);
        EXPECT_FALSE(co_await can_sign_in(w, a_phone(1)));
        const moved_clock later(minutes(16));
        EXPECT_NE(co_await w.join(a_phone(1)), id);
    });
    EXPECT_EQ(db.execute("select string_agg(bonus::text, ',' order by owner_id) from wallet"), "10000,0");
    EXPECT_EQ(db.execute("select count(*) from phone_change"), "0");
    EXPECT_EQ(db.execute("select count(*) from refresh_token where seen_sealed is not null"), "0");
}

TEST_F(account_test, an_account_with_money_stays) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto id = co_await w.join(a_phone(1));
        const auto in = co_await w.sign_in(a_phone(1));
        db.execute("update wallet set cash = 100 where owner_id = '" + id.to_string() + "'");
        EXPECT_EQ((co_await close_account(w.people, caller_of(in), "r")).error(), account_error::has_money);
        EXPECT_TRUE(co_await find_with_profile(w.people, id));
        db.execute("update wallet set cash = 0 where owner_id = '" + id.to_string() + "'");
        EXPECT_TRUE(co_await close_account(w.people, caller_of(in), "r"));
    });
}

}  // namespace
}  // namespace astrotalk::identity
