// Setting up an authenticator, replacing it, turning it off, losing it.
#include "identity/second_factor_pgtest.hpp"

namespace astrotalk::identity {
namespace {

using namespace testing;
using std::chrono::seconds;

struct set_up_factor_test : second_factor_world {};

TEST_F(set_up_factor_test, staff_set_one_up_at_their_first_sign_in) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await make_admin(w, a_phone());
        const auto asked = co_await half_way(w, a_phone());
        EXPECT_EQ(asked.what, factor_demand::set_up);
        const enrolling by{{}, asked.id};
        EXPECT_EQ((co_await verify_token(w.people, {by, secret("123456"), {}, "r"})).error(),
                  factor_error::not_set_up);
        const auto shown = (co_await associate_token(w.people, by)).value().reveal();
        EXPECT_EQ((co_await verify_token(w.people, {by, wrong_code_of(shown), {}, "r"})).error(),
                  factor_error::code_mismatch);
        const auto code = code_of(shown);
        auto act = [&](int) { return verify_token(w.people, {by, code, {}, "r"}); };
        const auto results = co_await in_parallel<factor_outcome<std::optional<uuid>>>(20, act);
        EXPECT_EQ(std::ranges::count_if(results, [](const auto& r) { return r.has_value(); }), 1);
        const auto done = std::ranges::find_if(results, [](const auto& r) { return r.has_value(); });
        const uuid next = (*done)->value();
        EXPECT_EQ(count("refresh_family"), "0");
        EXPECT_EQ(
            (co_await redeem_set_up(w.people, main_client(w.people), named(a_phone(1)), next, "r")).error(),
            factor_error::session_ended);
        auto redeem = [&](int) {
            return redeem_set_up(w.people, main_client(w.people), named(a_phone()), next, "r");
        };
        const auto sessions = co_await in_parallel<factor_outcome<signed_in>>(20, redeem);
        EXPECT_EQ(std::ranges::count_if(sessions, [](const auto& r) { return r.has_value(); }), 1);
        EXPECT_TRUE((co_await find_factor(w.people, asked.of)).enabled);
        const auto again = co_await half_way(w, a_phone());
        EXPECT_EQ(again.what, factor_demand::code);
        EXPECT_EQ((co_await answer(w, a_phone(), again.id, code)).error(), factor_error::code_used)
            << "the code that verified it is used up";
    });
    EXPECT_EQ(count("refresh_family where second_factor"), "1");
    EXPECT_EQ(count("audit_pending where action = 'second_factor.set_up'"), "1");
}

TEST_F(set_up_factor_test, five_wrong_codes_end_a_set_up_and_an_old_one_cannot_replace_what_was_set_up) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await make_admin(w, a_phone());
        const auto first = co_await half_way(w, a_phone());
        const auto second = co_await half_way(w, a_phone());
        const enrolling by{{}, first.id}, thief{{}, second.id};
        const auto shown = (co_await associate_token(w.people, by)).value().reveal();
        for (int i = 0; i < 5; ++i)
            EXPECT_EQ((co_await verify_token(w.people, {by, wrong_code_of(shown), {}, "r"})).error(),
                      factor_error::code_mismatch);
        EXPECT_EQ((co_await verify_token(w.people, {by, code_of(shown), {}, "r"})).error(),
                  factor_error::session_ended);
        const auto third = co_await half_way(w, a_phone());
        co_await verified(w, {{}, third.id});
        EXPECT_EQ((co_await associate_token(w.people, thief)).error(), factor_error::session_ended);
        EXPECT_EQ((co_await verify_token(w.people, {thief, code_of(shown), {}, "r"})).error(),
                  factor_error::session_ended);
    });
    EXPECT_EQ(db.execute("select failures from phone_guard"), "0") << "nothing was guessed";
}

TEST_F(set_up_factor_test, a_new_authenticator_replaces_the_old_one_only_by_a_sign_in_that_used_it) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto plain = co_await open_sign_in(w, co_await w.sign_in(a_phone()));
        const auto first = co_await verified(w, plain);
        EXPECT_FALSE((co_await find_factor(w.people, plain.caller->id)).enabled);
        co_await w.sign_in(a_phone());  // not asked for until it is enabled
        (co_await set_factor(w.people, *plain.caller, {true, false}, "r")).value();
        EXPECT_EQ((co_await associate_token(w.people, plain)).error(), factor_error::proof_wanted);
        EXPECT_EQ((co_await set_factor(w.people, *plain.caller, {false, false}, "r")).error(),
                  factor_error::proof_wanted);
        clock::advance(std::chrono::minutes(16));
        const auto proved = co_await open_sign_in(w, co_await sign_in_with(w, a_phone(), first));
        wait_for_fresh_codes();
        const auto second = (co_await associate_token(w.people, proved)).value().reveal();
        // Until it has shown a code, the old one is in use.
        const auto asked = co_await half_way(w, a_phone());
        EXPECT_EQ((co_await answer(w, a_phone(), asked.id, code_of(second))).error(),
                  factor_error::code_mismatch);
        (co_await verify_token(w.people, {proved, code_of(second), {}, "r"})).value();
        wait_for_fresh_codes();
        EXPECT_EQ((co_await answer(w, a_phone(), asked.id, code_of(first))).error(),
                  factor_error::code_mismatch);
        EXPECT_TRUE(co_await answer(w, a_phone(), asked.id, code_of(second)));
        (co_await set_factor(w.people, *proved.caller, {false, false}, "r")).value();
        EXPECT_FALSE((co_await find_factor(w.people, plain.caller->id)).enabled);
        co_await w.sign_in(a_phone());
    });
    EXPECT_EQ(db.execute("select string_agg(action, ' ' order by id) from audit_pending "
                         "where action like 'second_factor%' and action <> 'second_factor.wrong'"),
              "second_factor.set_up second_factor.enable second_factor.set_up second_factor.disable");
}

TEST_F(set_up_factor_test, an_old_sign_in_sets_none_up) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto plain = co_await open_sign_in(w, co_await w.sign_in(a_phone()));
        clock::advance(std::chrono::minutes(11));
        EXPECT_EQ((co_await associate_token(w.people, plain)).error(), factor_error::sign_in_again);
        co_await verified(w, co_await open_sign_in(w, co_await w.sign_in(a_phone())));
    });
}

TEST_F(set_up_factor_test, the_owner_is_told_of_each_change_once_in_ten_minutes) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto told = [&] { return count("outbox where kind = 'sms.send' and not urgent"); };
        co_await w.join(a_phone());
        const auto plain = co_await open_sign_in(w, co_await w.sign_in(a_phone()));
        EXPECT_EQ(told(), "0");
        const auto shown = co_await verified(w, plain);
        EXPECT_EQ(told(), "1");
        EXPECT_EQ(co_await w.last_text(), sms::find_template("authenticator_changed.en")->text);
        (co_await set_factor(w.people, *plain.caller, {true, false}, "r")).value();
        EXPECT_EQ(told(), "1") << "asking for it more often takes nothing away";
        clock::advance(std::chrono::minutes(16));
        const auto proved = co_await open_sign_in(w, co_await sign_in_with(w, a_phone(), shown));
        (co_await set_factor(w.people, *proved.caller, {true, true}, "r")).value();
        EXPECT_EQ(told(), "1") << "a preference is nothing to be told of";
        for (int i = 0; i < 3; ++i) {
            (co_await set_factor(w.people, *proved.caller, {false, false}, "r")).value();
            (co_await set_factor(w.people, *proved.caller, {true, false}, "r")).value();
        }
        EXPECT_EQ(told(), "2");
        (co_await reset_factor(w.people, named(a_phone()), by)).value();
        EXPECT_EQ(told(), "3");
        (co_await reset_factor(w.people, named(a_phone()), by)).value();
        EXPECT_EQ(told(), "3") << "there was none to reset";
    });
}

TEST_F(set_up_factor_test, staff_cannot_be_without_one) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto shown = co_await with_factor(w, a_phone());
        const auto in = co_await open_sign_in(w, co_await sign_in_with(w, a_phone(), shown));
        (co_await add_to_group(w.people, named(a_phone()), "support", by)).value();
        EXPECT_EQ((co_await set_factor(w.people, *in.caller, {false, false}, "r")).error(),
                  factor_error::must_have);
        (co_await remove_from_group(w.people, named(a_phone()), "support", by)).value();
        EXPECT_EQ((co_await set_factor(w.people, *in.caller, {false, false}, "r")).error(),
                  factor_error::session_ended);
        co_await w.join(a_phone(2));
        const auto bare = co_await open_sign_in(w, co_await w.sign_in(a_phone(2)));
        EXPECT_EQ((co_await set_factor(w.people, *bare.caller, {true, true}, "r")).error(),
                  factor_error::not_set_up);
        EXPECT_EQ((co_await enable_factor(w.people, named(a_phone(2)), {true, true}, by)).error(),
                  admin_error::no_factor);
    });
}

TEST_F(set_up_factor_test, who_turned_it_off_and_becomes_staff_is_asked_for_it_again) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto plain = co_await open_sign_in(w, co_await w.sign_in(a_phone()));
        co_await verified(w, plain);
        (co_await add_to_group(w.people, named(a_phone()), "admin", by)).value();
        EXPECT_EQ((co_await half_way(w, a_phone())).what, factor_demand::code);
        EXPECT_TRUE((co_await find_factor(w.people, plain.caller->id)).enabled);
        EXPECT_EQ((co_await associate_token(w.people, plain)).error(), factor_error::proof_wanted);
    });
}

TEST_F(set_up_factor_test, resetting_forgets_the_authenticator_and_ends_every_sign_in) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await make_admin(w, a_phone());
        const auto set_up = co_await half_way(w, a_phone());
        const enrolling by_challenge{{}, set_up.id};
        const auto shown = (co_await associate_token(w.people, by_challenge)).value().reveal();
        const auto under_way =
            (co_await verify_token(w.people, {by_challenge, code_of(shown), {}, "r"})).value().value();
        wait_for_fresh_codes();
        const auto in = co_await sign_in_with(w, a_phone(), shown);
        (co_await reset_factor(w.people, named(a_phone()), by)).value();
        EXPECT_FALSE(co_await refresh(w.people, in.refresh_token, "r"));
        const auto anew = co_await half_way(w, a_phone());
        EXPECT_EQ(anew.what, factor_demand::set_up);
        co_await verified(w, {{}, anew.id});
        EXPECT_EQ((co_await redeem_set_up(w.people, main_client(w.people), named(a_phone()), under_way, "r"))
                      .error(),
                  factor_error::session_ended)
            << "what was set up before the reset opens nothing";
        EXPECT_TRUE(co_await reset_factor(w.people.pg, keys(), {}, a_phone()));
        EXPECT_FALSE(co_await reset_factor(w.people.pg, keys(), {}, a_phone(5)));
    });
    EXPECT_EQ(count("software_token"), "0");
    EXPECT_EQ(count("refresh_family where revoked_at is null"), "0");
    EXPECT_EQ(count("audit_pending where action = 'second_factor.reset'"), "2");
}

TEST_F(set_up_factor_test, secrets_are_sealed_anew_under_another_data_key) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto shown = co_await with_factor(w, a_phone());
        const auto in = co_await open_sign_in(w, co_await sign_in_with(w, a_phone(), shown));
        const auto next = (co_await associate_token(w.people, in)).value().reveal();
        crypto::keyring ring(bytes(32, 1));
        const auto data_key = ring.make_data_key();
        EXPECT_TRUE(ring.learn(data_key));
        ring.seal_with(data_key.id);
        int columns = 0;
        for (const auto& column : sealed_columns()) {
            if (!column.name.starts_with("software_token.")) continue;
            const auto done = co_await jobs::reseal(w.people.pg, ring, column);
            EXPECT_EQ(done.changed, 1) << column.name;
            EXPECT_EQ(done.unreadable, 0) << column.name;
            ++columns;
        }
        EXPECT_EQ(columns, 2);
        const user_pool pool = w.pool;
        const settings how;
        service anew(w.people.pg, ring, w.signing, pool, w.live, how, w.ended, w.admins);
        EXPECT_TRUE(co_await verify_token(anew, {in, code_of(next), {}, "r"}));
    });
}

}  // namespace
}  // namespace astrotalk::identity
