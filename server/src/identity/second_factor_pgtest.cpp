// The second factor: that it cannot be gone around, guessed, or used twice.
#include "identity/second_factor.hpp"

#include "identity/people_pgtest.hpp"
#include "identity/totp.hpp"

namespace astrotalk::identity {

[[noreturn]] inline void throw_exception_from_error(factor_error why, const boost::source_location&) {
    throw std::logic_error(fmt::format("refused: {}", static_cast<int>(why)));
}
[[noreturn]] inline void throw_exception_from_error(admin_error why, const boost::source_location&) {
    throw std::logic_error(fmt::format("refused: {}", static_cast<int>(why)));
}

namespace {

using namespace testing;
using std::chrono::seconds;

struct second_factor_test : ::testing::Test {
    pg::testing::database db;
    const std::chrono::microseconds before = clock::offset();
    const administrator by{"AKIATESTTESTTESTTEST", "request"};
    ~second_factor_test() override { clock::advance(before - clock::offset()); }

    std::string count(const std::string& what) { return db.execute("select count(*) from " + what); }
};

user_name named(const phone_number& phone) { return {.id = {}, .phone = phone}; }

secret code_of(const std::string& shown, std::int64_t away = 0) {
    return totp::code_at(*totp::read_key(shown), totp::step_at(clock::now()) + away);
}
secret wrong_code_of(const std::string& shown) {
    for (char last = '0';; ++last) {
        std::string code = code_of(shown).reveal();
        code.back() = last;
        if (!totp::step_of(*totp::read_key(shown), code, clock::now())) return secret(code);
    }
}
// Past the steps whose codes were used: the one before and after now are good too.
void wait_for_fresh_codes() { clock::advance(seconds(60)); }

task<enrolling> open_sign_in(world& w, signed_in in) {
    const auto tokens = co_await issue_tokens(w.people, std::move(in));
    co_return enrolling{w.people.tokens.check(tokens.access), {}};
}

task<std::string> verified(world& w, enrolling by) {
    const auto shown = (co_await associate_token(w.people, by)).value().reveal();
    (co_await verify_token(w.people, {by, code_of(shown), personal("Phone of Asha"), "r"})).value();
    co_return shown;
}

// A user whose sign-in asks for the code of the authenticator with that secret.
task<std::string> with_factor(world& w, phone_number phone) {
    co_await w.join(phone);
    const auto by = co_await open_sign_in(w, co_await w.sign_in(phone));
    const auto shown = co_await verified(w, by);
    (co_await set_factor(w.people, *by.caller, {true, true}, "r")).value();
    clock::advance(std::chrono::minutes(16));  // three more SMS codes can be sent
    co_return shown;
}

// As far as a right SMS code leads somebody who has or needs a second factor.
task<factor_challenge> half_way(world& w, phone_number phone) {
    const auto challenge = (co_await send_code(w.people, phone, code_purpose::sign_in)).value();
    const auto client = main_client(w.people);
    auto done = co_await answer_code(w.people, client, phone, challenge, co_await w.last_code(), "r");
    co_return std::get<factor_challenge>(done.value());
}

auto answer(world& w, const phone_number& phone, uuid challenge, secret code) {
    return answer_factor(w.people, main_client(w.people), named(phone), challenge, std::move(code), "r");
}

task<signed_in> sign_in_with(world& w, phone_number phone, std::string shown) {
    const auto asked = co_await half_way(w, phone);
    co_return (co_await answer(w, phone, asked.id, code_of(shown))).value();
}

task<void> make_admin(world& w, phone_number phone) {
    co_await create_admin(w.people.pg, keys(), phone_plan::india(), phone.reveal(), "Root");
}

TEST_F(second_factor_test, a_right_sms_code_opens_nothing_until_the_authenticators_is_right_too) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto shown = co_await with_factor(w, a_phone());
        const auto families = count("refresh_family");
        const auto asked = co_await half_way(w, a_phone());
        EXPECT_EQ(asked.what, factor_demand::code);
        EXPECT_EQ(asked.device.reveal(), "Phone of Asha");
        EXPECT_EQ(count("refresh_family"), families);
        EXPECT_EQ(count("refresh_token"), families);
        const auto in = (co_await answer(w, a_phone(), asked.id, code_of(shown))).value();
        EXPECT_TRUE(in.in.second_factor);
        EXPECT_EQ(in.who.phone.reveal(), a_phone().reveal());
        const auto next = (co_await refresh(w.people, in.refresh_token, "r")).value();
        EXPECT_TRUE(next.in.second_factor) << "kept across refreshing";
        EXPECT_TRUE((co_await open_sign_in(w, next)).caller->second_factor);
    });
    EXPECT_EQ(count("refresh_family where second_factor"), "1");
    EXPECT_EQ(count("audit_pending where action = 'session.start' and detail like '%totp%'"), "1");
}

TEST_F(second_factor_test, a_hundred_parallel_right_answers_give_one_session) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto shown = co_await with_factor(w, a_phone());
        const auto asked = co_await half_way(w, a_phone());
        auto act = [&](int) { return answer(w, a_phone(), asked.id, code_of(shown)); };
        const auto results = co_await in_parallel<factor_outcome<signed_in>>(100, act);
        EXPECT_EQ(std::ranges::count_if(results, [](const auto& r) { return r.has_value(); }), 1);
        for (const auto& each : results)
            if (!each) EXPECT_EQ(each.error(), factor_error::session_ended);
    });
    EXPECT_EQ(count("refresh_family where second_factor"), "1");
    EXPECT_EQ(db.execute("select failures from phone_guard"), "0");
}

TEST_F(second_factor_test, a_code_opens_one_sign_in_whichever_challenges_it_answers) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto shown = co_await with_factor(w, a_phone());
        std::vector<uuid> asked;
        for (int i = 0; i < 3; ++i) asked.push_back((co_await half_way(w, a_phone())).id);
        const auto code = code_of(shown);
        auto act = [&](int i) { return answer(w, a_phone(), asked[static_cast<std::size_t>(i % 3)], code); };
        const auto results = co_await in_parallel<factor_outcome<signed_in>>(9, act);
        EXPECT_EQ(std::ranges::count_if(results, [](const auto& r) { return r.has_value(); }), 1);
        EXPECT_TRUE(std::ranges::any_of(
            results, [](const auto& r) { return !r && r.error() == factor_error::code_used; }));
        // An earlier one is used up with it.
        for (const uuid each : asked)
            EXPECT_FALSE(co_await answer(w, a_phone(), each, code_of(shown, -1)));
    });
    EXPECT_EQ(count("refresh_family where second_factor"), "1");
    EXPECT_EQ(db.execute("select failures from phone_guard"), "0") << "a repeated code is no guess";
}

TEST_F(second_factor_test, parallel_wrong_answers_count_five_end_the_challenge_and_lock_the_phone) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto shown = co_await with_factor(w, a_phone());
        const auto asked = co_await half_way(w, a_phone());
        auto act = [&](int) { return answer(w, a_phone(), asked.id, wrong_code_of(shown)); };
        const auto results = co_await in_parallel<factor_outcome<signed_in>>(40, act);
        EXPECT_EQ(std::ranges::count_if(
                      results, [](const auto& r) { return r.error() == factor_error::code_mismatch; }),
                  5);
        EXPECT_EQ((co_await answer(w, a_phone(), asked.id, code_of(shown))).error(),
                  factor_error::locked_out);
        EXPECT_EQ((co_await send_code(w.people, a_phone(), code_purpose::sign_in)).error(),
                  error::too_many_codes);
        clock::advance(seconds(31));
        EXPECT_EQ((co_await answer(w, a_phone(), asked.id, code_of(shown))).error(),
                  factor_error::session_ended);
        // The next wrong one of the day, of either kind, locks for twice as long.
        const auto again = co_await half_way(w, a_phone());
        EXPECT_EQ((co_await answer(w, a_phone(), again.id, wrong_code_of(shown))).error(),
                  factor_error::code_mismatch);
        EXPECT_EQ((co_await answer(w, a_phone(), again.id, code_of(shown))).error(),
                  factor_error::locked_out);
        clock::advance(seconds(61));
        EXPECT_TRUE(co_await answer(w, a_phone(), again.id, code_of(shown)));
    });
    EXPECT_EQ(db.execute("select failures from phone_guard"), "6");
    EXPECT_EQ(count("audit_pending where action = 'second_factor.lock_out' and subject_id is not null"), "2");
}

TEST_F(second_factor_test, a_challenge_belongs_to_its_user_and_client_and_lives_three_minutes) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto shown = co_await with_factor(w, a_phone(1));
        const auto other = co_await with_factor(w, a_phone(2));
        const auto asked = co_await half_way(w, a_phone(1));
        EXPECT_EQ((co_await answer(w, a_phone(2), asked.id, code_of(other))).error(),
                  factor_error::session_ended);
        EXPECT_EQ((co_await answer(w, a_phone(2), asked.id, code_of(shown))).error(),
                  factor_error::session_ended);
        EXPECT_EQ((co_await answer(w, a_phone(1), asked.id, code_of(other))).error(),
                  factor_error::code_mismatch);
        app_client elsewhere = *main_client(w.people);
        elsewhere.id = "elsewhere";
        const auto there = std::make_shared<const app_client>(elsewhere);
        EXPECT_EQ(
            (co_await answer_factor(w.people, there, named(a_phone(1)), asked.id, code_of(shown), "r")).error(),
            factor_error::session_ended);
        // Neither an SMS code nor a confirmation is answered by the same challenge.
        EXPECT_EQ((co_await redeem_confirmation(w.people, a_phone(1), asked.id, "r")).error(),
                  error::session_ended);
        EXPECT_EQ((co_await redeem_set_up(w.people, main_client(w.people), named(a_phone(1)), asked.id, "r"))
                      .error(),
                  factor_error::session_ended);
        const user_name by_id{.id = asked.of, .phone = {}};
        EXPECT_TRUE(co_await answer_factor(w.people, main_client(w.people), by_id, asked.id, code_of(shown), "r"));
        const auto late = co_await half_way(w, a_phone(2));
        clock::advance(seconds(181));
        EXPECT_EQ((co_await answer(w, a_phone(2), late.id, code_of(other))).error(),
                  factor_error::session_ended);
    });
}

TEST_F(second_factor_test, an_authenticators_clock_may_be_one_step_off) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto shown = co_await with_factor(w, a_phone());
        const auto asked = co_await half_way(w, a_phone());
        for (const int away : {-3, 3})
            EXPECT_EQ((co_await answer(w, a_phone(), asked.id, code_of(shown, away))).error(),
                      factor_error::code_mismatch);
        EXPECT_TRUE(co_await answer(w, a_phone(), asked.id, code_of(shown, 1)));
        const auto again = co_await half_way(w, a_phone());
        EXPECT_EQ((co_await answer(w, a_phone(), again.id, code_of(shown))).error(),
                  factor_error::code_used);
    });
}

TEST_F(second_factor_test, staff_set_one_up_at_their_first_sign_in) {
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
        EXPECT_EQ((co_await redeem_set_up(w.people, main_client(w.people), named(a_phone(1)), next, "r")).error(),
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

TEST_F(second_factor_test, five_wrong_codes_end_a_set_up_and_an_old_one_cannot_replace_what_was_set_up) {
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

TEST_F(second_factor_test, a_new_authenticator_replaces_the_old_one_only_by_a_sign_in_that_used_it) {
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
                         "where action like 'second_factor%'"),
              "second_factor.set_up second_factor.enable second_factor.set_up second_factor.disable");
}

TEST_F(second_factor_test, staff_cannot_be_without_one) {
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

TEST_F(second_factor_test, who_turned_it_off_and_becomes_staff_is_asked_for_it_again) {
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

TEST_F(second_factor_test, resetting_forgets_the_authenticator_and_ends_every_sign_in) {
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
        EXPECT_TRUE(co_await reset_factor(w.people.pg, keys(), a_phone()));
        EXPECT_FALSE(co_await reset_factor(w.people.pg, keys(), a_phone(5)));
    });
    EXPECT_EQ(count("software_token"), "0");
    EXPECT_EQ(count("refresh_family where revoked_at is null"), "0");
    EXPECT_EQ(count("audit_pending where action = 'second_factor.reset'"), "2");
}

TEST_F(second_factor_test, no_answer_that_races_with_a_reset_or_a_disabling_outlives_it) {
    in_a_world(db, [&](world& w) -> task<void> {
        for (int turn = 0; turn < 6; ++turn) {
            const auto phone = a_phone(turn);
            const auto shown = co_await with_factor(w, phone);
            const auto asked = co_await half_way(w, phone);
            auto act = [&](int i) -> task<bool> {
                if (i != 3) co_return (co_await answer(w, phone, asked.id, code_of(shown))).has_value();
                co_return (turn % 2 == 0 ? co_await reset_factor(w.people, named(phone), by)
                                         : co_await disable_user(w.people, named(phone), by))
                    .has_value();
            };
            co_await in_parallel<bool>(8, act);
            EXPECT_FALSE(co_await answer(w, phone, asked.id, code_of(shown, 1)));
        }
    });
    EXPECT_EQ(count("refresh_family where revoked_at is null"), "0");
}

TEST_F(second_factor_test, a_deleted_users_secret_is_gone) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto shown = co_await with_factor(w, a_phone());
        const auto asked = co_await half_way(w, a_phone());
        (co_await delete_user(w.people, named(a_phone()), by)).value();
        EXPECT_EQ((co_await answer(w, a_phone(), asked.id, code_of(shown))).error(),
                  factor_error::session_ended);
    });
    EXPECT_EQ(count("software_token"), "0");
    EXPECT_EQ(count("pool_user where totp is not null"), "0");
}

TEST_F(second_factor_test, secrets_lie_sealed_each_for_its_user) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto shown = co_await with_factor(w, a_phone(1));
        co_await with_factor(w, a_phone(2));
        const auto asked = co_await half_way(w, a_phone(1));
        db.execute("update software_token t set secret_sealed = o.secret_sealed from software_token o "
                   "where o.user_id <> t.user_id and t.user_id = '" + asked.of.to_string() + "'");
        bool threw = false;
        try {
            co_await answer(w, a_phone(1), asked.id, code_of(shown));
        } catch (const std::runtime_error&) {
            threw = true;
        }
        EXPECT_TRUE(threw) << "another's secret does not open here";
    });
    EXPECT_EQ(count("software_token where length(secret_sealed) <= 33 + 20"), "0");
}

}  // namespace
}  // namespace astrotalk::identity
