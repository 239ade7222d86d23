#include "identity/people_pgtest.hpp"

namespace astrotalk::identity {
namespace {

using namespace testing;
using std::chrono::minutes;
using std::chrono::seconds;

struct codes_test : ::testing::Test {
    pg::testing::database db;
};

secret another(const secret& code) {
    std::string text = code.reveal();
    text[0] = text[0] == '9' ? '0' : static_cast<char>(text[0] + 1);
    return secret(text);
}

long successes(const auto& results) {
    return std::ranges::count_if(results, [](const auto& r) { return r.has_value(); });
}

TEST_F(codes_test, a_hundred_parallel_right_answers_give_one_session) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto challenge = (co_await send_code(w.people, a_phone(), code_purpose::sign_in, {})).value();
        const auto code = co_await w.last_code();
        auto answer = [&](int) { return answer_code(w.people, a_phone(), challenge, code, "r"); };
        const auto results = co_await in_parallel<outcome<signed_in>>(100, answer);
        EXPECT_EQ(successes(results), 1);
        for (const auto& each : results)
            if (!each) EXPECT_EQ(each.error(), error::session_ended);
    });
    EXPECT_EQ(db.execute("select count(*) from refresh_family"), "1");
    EXPECT_EQ(db.execute("select count(*) from refresh_token"), "1");
}

TEST_F(codes_test, parallel_wrong_answers_count_five_and_end_the_challenge) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto challenge = (co_await send_code(w.people, a_phone(), code_purpose::sign_in, {})).value();
        const auto code = co_await w.last_code();
        auto answer = [&](int) { return answer_code(w.people, a_phone(), challenge, another(code), "r"); };
        const auto results = co_await in_parallel<outcome<signed_in>>(40, answer);
        EXPECT_EQ(std::ranges::count_if(results, [](auto& r) { return r.error() == error::code_mismatch; }),
                  5);
        EXPECT_EQ((co_await answer_code(w.people, a_phone(), challenge, code, "r")).error(),
                  error::locked_out);
    });
    EXPECT_EQ(db.execute("select attempts from challenge where purpose = 'sign_in'"), "5");
    EXPECT_EQ(db.execute("select failures from phone_guard"), "5");
    EXPECT_EQ(
        db.execute("select count(*) || ' ' || count(detail) from audit_pending where action = 'code.wrong'"),
        "5 1");
}

TEST_F(codes_test, a_wrong_code_leaves_the_session_usable) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto challenge = (co_await send_code(w.people, a_phone(), code_purpose::sign_in, {})).value();
        const auto code = co_await w.last_code();
        for (int i = 0; i < 4; ++i)
            EXPECT_EQ((co_await answer_code(w.people, a_phone(), challenge, another(code), "r")).error(),
                      error::code_mismatch);
        EXPECT_TRUE(co_await answer_code(w.people, a_phone(), challenge, code, "r"));
    });
}

TEST_F(codes_test, twenty_parallel_sends_make_three_sms) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await create_person(
            w.people.pg, keys(),
            {.phone = a_phone(), .name = personal("A"), .groups = {}, .welcome_bonus = {}});
        auto send = [&](int) { return send_code(w.people, a_phone(), code_purpose::sign_in, {}); };
        const auto results = co_await in_parallel<result<uuid, send_refusal>>(20, send);
        EXPECT_EQ(successes(results), 3);
        EXPECT_EQ((co_await w.codes()).size(), 3U);
        // Of parallel sends exactly one code counts.
        const auto codes = co_await w.codes();
        long opened = 0;
        for (const auto& challenge : results)
            for (const auto& code : codes)
                if (challenge)
                    opened += (co_await answer_code(w.people, a_phone(), *challenge, code, "r")).has_value();
        EXPECT_EQ(opened, 1);
    });
}

TEST_F(codes_test, a_refused_send_changes_nothing_and_the_window_slides) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        auto send = [&] { return send_code(w.people, a_phone(), code_purpose::sign_in, {}); };
        EXPECT_TRUE(co_await send());
        const auto latest = (co_await send()).value();
        const auto code = co_await w.last_code();
        EXPECT_EQ((co_await send()).error(), error::too_many_codes);
        const moved_clock later(seconds(5 * 60));
        EXPECT_EQ((co_await send()).error(), error::too_many_codes);
        EXPECT_EQ((co_await w.codes()).size(), 3U);
        EXPECT_TRUE(co_await answer_code(w.people, a_phone(), latest, code, "r"));
        const moved_clock much_later(seconds(10 * 60 + 1));
        EXPECT_TRUE(co_await send());
    });
}

TEST_F(codes_test, a_code_belongs_to_its_session_phone_and_purpose) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone(1));
        co_await w.join(a_phone(2));
        const auto one = (co_await send_code(w.people, a_phone(1), code_purpose::sign_in, {})).value();
        const auto code_one = co_await w.last_code();
        const auto two = (co_await send_code(w.people, a_phone(2), code_purpose::sign_in, {})).value();
        EXPECT_EQ((co_await answer_code(w.people, a_phone(2), two, code_one, "r")).error(),
                  error::code_mismatch);
        EXPECT_EQ((co_await answer_code(w.people, a_phone(2), one, code_one, "r")).error(),
                  error::session_ended);
        const confirmation wrong_door{a_phone(1), one, code_one, "r"};
        EXPECT_EQ((co_await confirm_sign_up(w.people, wrong_door)).error(), error::code_expired);
        const auto next = (co_await send_code(w.people, a_phone(1), code_purpose::sign_in, {})).value();
        EXPECT_EQ((co_await answer_code(w.people, a_phone(1), one, code_one, "r")).error(),
                  error::session_ended);
        EXPECT_TRUE(co_await answer_code(w.people, a_phone(1), next, co_await w.last_code(), "r"));
    });
}

TEST_F(codes_test, a_code_lives_ten_minutes) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto challenge = (co_await send_code(w.people, a_phone(), code_purpose::sign_in, {})).value();
        const auto code = co_await w.last_code();
        const moved_clock later(seconds(601));
        EXPECT_EQ((co_await answer_code(w.people, a_phone(), challenge, code, "r")).error(),
                  error::session_ended);
    });
}

TEST_F(codes_test, an_unknown_phone_is_answered_alike_and_gets_nothing) {
    in_a_world(db, [&](world& w) -> task<void> {
        (co_await sign_up(w.people, {a_phone(7), user_kind::user, {}, "r"})).value();  // not confirmed
        for (const int who : {5, 7}) {
            const auto challenge = co_await send_code(w.people, a_phone(who), code_purpose::sign_in, {});
            EXPECT_TRUE(challenge);
            EXPECT_EQ(
                (co_await answer_code(w.people, a_phone(who), *challenge, secret("123456"), "r")).error(),
                error::code_mismatch);
        }
        EXPECT_TRUE(co_await send_code(w.people, a_phone(6), code_purpose::sign_up, {}));
        EXPECT_EQ((co_await confirm_sign_up(w.people, {a_phone(6), {}, secret("123456"), "r"})).error(),
                  error::code_mismatch);
        EXPECT_TRUE(co_await send_code(w.people, a_phone(5), code_purpose::sign_in, {}));
        EXPECT_TRUE(co_await send_code(w.people, a_phone(5), code_purpose::sign_in, {}));
        EXPECT_EQ((co_await send_code(w.people, a_phone(5), code_purpose::sign_in, {})).error(),
                  error::too_many_codes);
        EXPECT_EQ((co_await w.codes()).size(), 1U);
    });
}

TEST_F(codes_test, failures_count_across_codes_and_the_lock_doubles) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        auto fail = [&](int times) -> task<void> {
            const auto challenge =
                (co_await send_code(w.people, a_phone(), code_purpose::sign_in, {})).value();
            for (int i = 0; i < times; ++i)
                EXPECT_EQ((co_await answer_code(w.people, a_phone(), challenge,
                                                another(co_await w.last_code()), "r"))
                              .error(),
                          error::code_mismatch);
        };
        co_await fail(3);
        co_await fail(2);
        EXPECT_EQ((co_await send_code(w.people, a_phone(), code_purpose::sign_in, {})).error(),
                  error::too_many_codes);
        const moved_clock an_hour(seconds(3600));
        co_await fail(1);
    });
    EXPECT_EQ(db.execute("select failures from phone_guard"), "6");
    EXPECT_EQ(
        db.execute(
            "select locked_until - failed_since > '1 hour' and locked_until - failed_since < '63 minutes' "
            "from phone_guard"),
        "t");
}

TEST_F(codes_test, one_day_forgives) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        for (int day = 0; day < 3; ++day) {
            const auto challenge =
                (co_await send_code(w.people, a_phone(), code_purpose::sign_in, {})).value();
            for (int i = 0; i < 4; ++i)
                EXPECT_FALSE(co_await answer_code(w.people, a_phone(), challenge,
                                                  another(co_await w.last_code()), "r"));
            EXPECT_TRUE(co_await answer_code(w.people, a_phone(), challenge, co_await w.last_code(), "r"));
            clock::advance(std::chrono::hours(25));
        }
        clock::advance(-3 * std::chrono::hours(25));
    });
    EXPECT_EQ(db.execute("select failures from phone_guard"), "4");
}

TEST_F(codes_test, a_disabled_user_gets_no_code_and_no_session) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto challenge = (co_await send_code(w.people, a_phone(), code_purpose::sign_in, {})).value();
        db.execute("update pool_user set enabled = false");
        EXPECT_EQ((co_await answer_code(w.people, a_phone(), challenge, co_await w.last_code(), "r")).error(),
                  error::user_disabled);
        EXPECT_TRUE(co_await send_code(w.people, a_phone(), code_purpose::sign_in, {}));
        EXPECT_EQ((co_await w.codes()).size(), 2U);
    });
    EXPECT_EQ(db.execute("select count(*) from refresh_family"), "0");
}

}  // namespace
}  // namespace astrotalk::identity
