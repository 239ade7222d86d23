// The way of an account from a lost number to another, and what its asker may learn on it.
#include "identity/recovery_pgtest.hpp"

#include "identity/account.hpp"
#include "identity/administer.hpp"

namespace astrotalk::identity {
namespace {

using namespace testing;
using std::chrono::hours;
using std::chrono::minutes;

using recovery_test = recovery_world;

TEST_F(recovery_test, an_account_moves_when_it_is_approved_and_has_waited) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto id = co_await w.join(a_phone(1));
        const auto in = co_await w.sign_in(a_phone(1));
        const auto lost = co_await open(w, a_phone(1), a_phone(2));
        const auto notice = co_await w.last_text();
        EXPECT_NE(notice.find("ending 0002, on " + day_in_india(lost.now.earliest)), std::string::npos);
        EXPECT_EQ(lost.now.state, recovery_state::waiting);
        co_await approve(w, lost.now.id);
        EXPECT_EQ(co_await seen(w, lost), recovery_state::approved);
        clock::advance(hours(71));
        co_await move_due(w);
        EXPECT_EQ(state_of(lost.now.id), "approved");
        EXPECT_TRUE(co_await find_person(w.people, id, in.in.id));
        clock::advance(hours(1) + minutes(1));
        co_await move_due(w);
        EXPECT_EQ(co_await seen(w, lost), recovery_state::moved);
        EXPECT_FALSE(co_await find_person(w.people, id, in.in.id));
        EXPECT_EQ((co_await refresh(w.people, in.refresh_token, "r")).error(), error::token_revoked);
        EXPECT_FALSE(co_await can_sign_in(w, a_phone(1)));
        EXPECT_EQ((co_await w.sign_in(a_phone(2))).who.id, id);
        // Whoever gets the old number begins anew.
        EXPECT_NE(co_await w.join(a_phone(1)), id);
    });
    EXPECT_EQ(actions(), "recovery.ask recovery.open recovery.approve recovery.move");
    EXPECT_EQ(db.execute("select actor_id || reason from audit_pending where action = 'recovery.approve'"),
              admin.to_string() + "spoke to them");
    EXPECT_EQ(db.execute("select cause from revocation"), "phone_recovery");
    EXPECT_EQ(count("welcomed"), "2") << "the new number is not welcomed again, nor the old one";
    EXPECT_EQ(db.execute("select sum(bonus) from wallet"), "10000");
}

TEST_F(recovery_test, both_numbers_are_told_and_the_old_one_once_more_in_the_middle) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone(1));
        const auto lost = co_await open(w, a_phone(1), a_phone(2));
        auto sent = [&]() { return db.execute("select count(*) from outbox"); };
        co_await move_due(w);
        const auto before = std::stoi(sent());
        clock::advance(hours(37));
        co_await move_due(w);
        co_await move_due(w);
        EXPECT_EQ(sent(), std::to_string(before + 1));
        EXPECT_NE((co_await w.last_text()).find("Sign in with this number to stop it"), std::string::npos);
        co_await approve(w, lost.now.id);
        clock::advance(hours(36));
        co_await move_due(w);
        EXPECT_EQ(sent(), std::to_string(before + 3));
        EXPECT_NE((co_await w.last_text()).find("has moved to this number"), std::string::npos);
    });
}

TEST_F(recovery_test, nothing_moves_without_staff_and_an_account_with_money_waits_longer) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto rich = co_await w.join(a_phone(1));
        co_await w.join(a_phone(3));
        db.execute("update wallet set cash = 1 where owner_id = '" + rich.to_string() + "'");
        const auto lost = co_await open(w, a_phone(1), a_phone(2));
        const auto other = co_await open(w, a_phone(3), a_phone(4));
        EXPECT_LT(lost.now.earliest - other.now.earliest, minutes(1)) << "nobody learns who has money";
        co_await approve(w, lost.now.id);
        clock::advance(hours(167));
        co_await move_due(w);
        EXPECT_EQ(state_of(lost.now.id), "approved");
        EXPECT_GT((co_await find_recovery(w.people, lost.now.id, lost.token))->earliest, clock::now());
        clock::advance(hours(2));
        co_await move_due(w);
        EXPECT_EQ(state_of(lost.now.id), "moved");
        EXPECT_EQ(state_of(other.now.id), "waiting");
    });
}

TEST_F(recovery_test, a_sign_in_with_the_old_number_ends_it_and_tells_its_asker_nothing) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone(1));
        const auto first = co_await open(w, a_phone(1), a_phone(2));
        const auto second = co_await open(w, a_phone(1), a_phone(3));
        co_await approve(w, second.now.id);
        const auto waiting = (co_await send_code(w.people, a_phone(1), code_purpose::sign_in)).value();
        EXPECT_FALSE(co_await answer_code(w.people, a_phone(1), waiting, secret("no"), "r"));
        EXPECT_EQ(state_of(first.now.id), "waiting") << "a wrong code ends nothing";
        EXPECT_TRUE(co_await answer_code(w.people, a_phone(1), waiting, co_await w.last_code(), "r"));
        EXPECT_EQ(state_of(first.now.id) + state_of(second.now.id), "stoppedstopped");
        EXPECT_EQ(co_await seen(w, first), recovery_state::waiting);
        EXPECT_EQ(co_await seen(w, second), recovery_state::closed) << "it knew that there is an account";
        const auto late = decision(first.now.id, recovery_verdict::approve);
        EXPECT_EQ((co_await decide_recovery(w.people.pg, late)).error(), decision_error::not_open);
        clock::advance(hours(400));
        co_await move_due(w);
        EXPECT_TRUE(co_await can_sign_in(w, a_phone(1)));
        EXPECT_EQ(co_await seen(w, first), recovery_state::closed);
    });
    EXPECT_EQ(count("audit_pending where action = 'recovery.stop'"), "1");
}

TEST_F(recovery_test, where_there_is_an_authenticator_the_number_alone_neither_stops_nor_passes) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto shown = co_await with_factor(w, a_phone(1));
        const auto lost = co_await open(w, a_phone(1), a_phone(2));
        co_await half_way(w, a_phone(1));
        EXPECT_EQ(state_of(lost.now.id), "waiting") << "whoever got the number is not its account's owner";
        co_await approve(w, lost.now.id);
        clock::advance(hours(73));
        co_await move_due(w);
        EXPECT_EQ(state_of(lost.now.id), "moved");
        const auto asked = co_await half_way(w, a_phone(2));
        EXPECT_EQ(asked.what, factor_demand::code);
        EXPECT_TRUE(co_await answer(w, a_phone(2), asked.id, code_of(shown)));
        const auto again = co_await open(w, a_phone(2), a_phone(3));
        wait_for_fresh_codes();
        co_await sign_in_with(w, a_phone(2), shown);
        EXPECT_EQ(state_of(again.now.id), "stopped");
    });
}

// Known, unknown, staff, disabled: one answer and one life.
TEST_F(recovery_test, whether_the_lost_number_has_an_account_is_not_told) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto id = co_await w.join(a_phone(1));
        co_await make_admin(w, a_phone(3));
        co_await w.join(a_phone(4));
        (co_await disable_user(w.people, named(a_phone(4)), by)).value();
        std::vector<proved_recovery> all;
        for (int i = 1; i <= 4; ++i) all.push_back(co_await open(w, a_phone(i), a_phone(10 + i)));
        const auto listed =
            co_await read_recoveries(w.people, {admin, "admin", "why", "r"}, http::highest_id, 20);
        EXPECT_EQ(listed.size(), 1u);
        EXPECT_EQ(listed.at(0).user_id, id);
        const auto reject = decision(all[0].now.id, recovery_verdict::reject);
        (co_await decide_recovery(w.people.pg, reject)).value();
        const auto nobody = decision(all[1].now.id, recovery_verdict::approve);
        EXPECT_EQ((co_await decide_recovery(w.people.pg, nobody)).error(), decision_error::not_found);
        for (int day = 0; day < 14; ++day) {
            for (auto& each : all) {
                const auto view = co_await find_recovery(w.people, each.now.id, each.token);
                EXPECT_EQ(view->state, recovery_state::waiting) << day;
                EXPECT_EQ(view->earliest, each.now.earliest);
                EXPECT_EQ(view->closes_at - view->earliest, recovery_term - hours(72));
            }
            clock::advance(hours(24));
            co_await move_due(w);
            co_await expire_recoveries(w.people.pg);
        }
        for (auto& each : all) EXPECT_EQ(co_await seen(w, each), recovery_state::closed);
        clock::advance(hours(24 * 31));
        co_await expire_recoveries(w.people.pg);
    });
    EXPECT_EQ(count("phone_recovery"), "0");
    EXPECT_EQ(count("audit_pending where action = 'recovery.expire'"), "3");
}

TEST_F(recovery_test, the_new_number_is_proved_by_five_guesses_at_most_and_once) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone(1));
        const auto which = co_await ask(w, a_phone(1), a_phone(2));
        const auto code = co_await w.last_code();
        auto use = [&](int) { return prove(w, which, code); };
        int proved = 0;
        for (const auto& each : co_await in_parallel<result<proved_recovery, proof_error>>(50, use))
            proved += each.has_value();
        EXPECT_EQ(proved, 1);
        EXPECT_EQ(count("outbox"), "3") << "two codes and one notice";

        const auto guessed = co_await ask(w, a_phone(1), a_phone(3));
        const auto right = co_await w.last_code();
        const secret wrong(right.reveal() == "000000" ? "000001" : "000000");
        auto guess = [&](int) { return prove(w, guessed, wrong); };
        int counted = 0;
        for (const auto& each : co_await in_parallel<result<proved_recovery, proof_error>>(20, guess))
            counted += each.error() == proof_error::code_mismatch;
        EXPECT_EQ(counted, 5);
        EXPECT_EQ((co_await prove(w, guessed, right)).error(), proof_error::locked_out);
        EXPECT_EQ((co_await prove(w, uuid::v7(), right)).error(), proof_error::code_expired);

        const auto slow = co_await ask(w, a_phone(1), a_phone(4));
        clock::advance(minutes(11));
        EXPECT_EQ((co_await prove(w, slow, co_await w.last_code())).error(), proof_error::code_expired);
        clock::advance(hours(25));
        co_await expire_recoveries(w.people.pg);
    });
    EXPECT_EQ(count("phone_recovery where state = 'asked'"), "0");
    EXPECT_EQ(count("audit_pending where action = 'code.wrong'"), "5");
}

TEST_F(recovery_test, asking_again_neither_restarts_nor_shortens_and_sends_no_more_notices) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone(1));
        for (const auto& lost : {a_phone(1), a_phone(9)}) {
            const auto first = co_await open(w, lost, a_phone(2));
            clock::advance(hours(20));
            const auto sent = std::stoi(count("outbox"));
            const auto again = co_await open(w, lost, a_phone(2));
            EXPECT_EQ(count("outbox"), std::to_string(sent + 1)) << "the code";
            EXPECT_EQ(state_of(first.now.id) + state_of(again.now.id), "supersededwaiting");
            EXPECT_EQ(co_await seen(w, first), recovery_state::waiting);
            EXPECT_NEAR(static_cast<double>((again.now.earliest - first.now.earliest).count()), 20 * 3.6e9,
                        6e7)
                << "of nobody's it is the same";
        }
        const auto late = co_await open(w, a_phone(1), a_phone(2));
        co_await approve(w, late.now.id);
        const auto last = co_await open(w, a_phone(1), a_phone(2));
        EXPECT_EQ(last.now.state, recovery_state::approved);
        EXPECT_EQ(co_await seen(w, late), recovery_state::closed);
        clock::advance(hours(72 - 40 + 1));  // since the first
        co_await move_due(w);
        EXPECT_EQ(co_await seen(w, last), recovery_state::moved);
    });
    EXPECT_EQ(count("audit_pending where action = 'recovery.open' and detail like '%continues%'"), "3");
}

TEST_F(recovery_test, after_one_that_was_stopped_or_rejected_another_begins_anew) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone(1));
        const auto first = co_await open(w, a_phone(1), a_phone(2));
        clock::advance(hours(60));
        EXPECT_TRUE(co_await can_sign_in(w, a_phone(1)));
        const auto second = co_await open(w, a_phone(1), a_phone(2));
        EXPECT_EQ(state_of(first.now.id), "stopped");
        co_await approve(w, second.now.id);
        clock::advance(hours(60));
        co_await move_due(w);
        EXPECT_EQ(co_await seen(w, second), recovery_state::approved);
        (co_await decide_recovery(w.people.pg, decision(second.now.id, recovery_verdict::reject))).value();
        const auto third = co_await open(w, a_phone(1), a_phone(2));
        EXPECT_EQ(state_of(third.now.id), "waiting") << "an approval that was taken back is not continued";
        clock::advance(hours(73));
        co_await move_due(w);
        EXPECT_EQ(state_of(third.now.id), "waiting");
        EXPECT_TRUE(co_await can_sign_in(w, a_phone(1)));
    });
    EXPECT_EQ(count("phone_recovery where state = 'stopped'"), "2");
}

TEST_F(recovery_test, a_number_with_an_account_is_refused_at_the_proof_and_at_the_move) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto id = co_await w.join(a_phone(1));
        co_await w.join(a_phone(2));
        for (const auto& lost : {a_phone(1), a_phone(9)}) {
            const auto which = co_await ask(w, lost, a_phone(2));
            EXPECT_EQ((co_await prove(w, which, co_await w.last_code())).error(), proof_error::number_taken);
        }
        const auto late = co_await open(w, a_phone(1), a_phone(3));
        const auto squatted = co_await open(w, a_phone(1), a_phone(4));
        co_await approve(w, late.now.id);
        const auto owner = co_await w.join(a_phone(3));
        const sign_up_request squatter{.phone = a_phone(4), .name = {}, .request_id = "r"};
        (co_await sign_up(w.people, squatter)).value();
        clock::advance(hours(73));
        co_await move_due(w);
        EXPECT_EQ(co_await seen(w, late), recovery_state::number_taken);
        EXPECT_EQ((co_await w.sign_in(a_phone(3))).who.id, owner);
        co_await approve(w, squatted.now.id);
        co_await move_due(w);
        EXPECT_EQ(co_await seen(w, squatted), recovery_state::moved) << "nobody confirmed that sign-up";
        EXPECT_EQ((co_await w.sign_in(a_phone(4))).who.id, id);
    });
}

TEST_F(recovery_test, whoever_changes_the_number_themselves_has_not_lost_it) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto id = co_await w.join(a_phone(1));
        const auto in = co_await w.sign_in(a_phone(1));
        const auto lost = co_await open(w, a_phone(1), a_phone(2));
        const http::principal caller{
            .id = id, .session = in.in.id, .client_id = "", .groups = {}, .user_type = "user"};
        EXPECT_TRUE(co_await change_phone(w.people, main_client(w.people), caller, a_phone(3), {}));
        EXPECT_TRUE(co_await verify_phone(w.people, caller, co_await w.last_code(), "r"));
        EXPECT_EQ(state_of(lost.now.id), "stopped");
        EXPECT_EQ((co_await w.sign_in(a_phone(3))).who.id, id);
    });
}

TEST_F(recovery_test, an_erased_account_leaves_a_request_for_nobody) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone(1));
        const auto waits = co_await open(w, a_phone(1), a_phone(2));
        const auto approved = co_await open(w, a_phone(1), a_phone(3));
        co_await approve(w, approved.now.id);
        (co_await delete_user(w.people, named(a_phone(1)), by)).value();
        EXPECT_EQ(co_await seen(w, waits), recovery_state::waiting);
        EXPECT_EQ(co_await seen(w, approved), recovery_state::closed);
        clock::advance(hours(170));
        co_await move_due(w);
    });
    EXPECT_EQ(count("phone_recovery where user_id is not null or new_sealed is not null"), "0");
    EXPECT_EQ(count("audit_pending where action = 'recovery.move'"), "0");
}

}  // namespace
}  // namespace astrotalk::identity
