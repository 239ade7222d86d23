// The second factor: that it cannot be gone around, guessed, or used twice.
#include "identity/second_factor_pgtest.hpp"

namespace astrotalk::identity {
namespace {

using namespace testing;
using std::chrono::seconds;

struct second_factor_test : second_factor_world {};

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
        for (const uuid each : asked) EXPECT_FALSE(co_await answer(w, a_phone(), each, code_of(shown, -1)));
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
    EXPECT_EQ(count("audit_pending where action = 'second_factor.wrong' and subject_id is not null"), "6");
    EXPECT_EQ(count("audit_pending where action = 'second_factor.wrong' and detail like '%lockedUntil%'"),
              "2");
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
        EXPECT_EQ((co_await answer_factor(w.people, there, named(a_phone(1)), asked.id, code_of(shown), "r"))
                      .error(),
                  factor_error::session_ended);
        // Neither an SMS code nor a confirmation is answered by the same challenge.
        EXPECT_EQ((co_await redeem_confirmation(w.people, a_phone(1), asked.id, "r")).error(),
                  error::session_ended);
        EXPECT_EQ((co_await redeem_set_up(w.people, main_client(w.people), named(a_phone(1)), asked.id, "r"))
                      .error(),
                  factor_error::session_ended);
        const user_name by_id{.id = asked.of, .phone = {}};
        EXPECT_TRUE(
            co_await answer_factor(w.people, main_client(w.people), by_id, asked.id, code_of(shown), "r"));
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
        EXPECT_EQ((co_await answer(w, a_phone(), again.id, code_of(shown))).error(), factor_error::code_used);
    });
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
        db.execute(
            "update software_token t set secret_sealed = o.secret_sealed from software_token o "
            "where o.user_id <> t.user_id and t.user_id = '" +
            asked.of.to_string() + "'");
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
