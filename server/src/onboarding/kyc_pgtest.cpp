// One person's way through KYC against a real database and a Digio that the test moves.
#include "onboarding/kyc_testing.hpp"
#include "onboarding/queries.hpp"

namespace astrotalk::onboarding::kyc {
namespace {

using pg::testing::run;

TEST(kyc_sql, fits_the_schema) {
    pg::testing::database db;
    EXPECT_EQ(pg::testing::prepare_all(db, sql::all), std::vector<std::string>{});
}

uuid start_one(clinic& c, user_id who) {
    return run(c.db, [&](pg::client& pg) -> task<uuid> {
        auto s = c.of(pg);
        const auto done = co_await start(s, by_person(who), new_key());
        EXPECT_TRUE(done.has_value()) << static_cast<int>(done.error().why);
        co_return done ? done->id : uuid();
    });
}
void settle_one(clinic& c, uuid id) {
    run(c.db, [&](pg::client& pg) -> task<void> {
        auto s = c.of(pg);
        co_await settle(s, id);
    });
}
error start_refused(clinic& c, user_id who) {
    return run(c.db, [&](pg::client& pg) -> task<error> {
        auto s = c.of(pg);
        const auto done = co_await start(s, by_person(who), new_key());
        EXPECT_FALSE(done.has_value());
        co_return done ? error::session_not_found : done.error().why;
    });
}

TEST(kyc_session, leads_from_the_start_to_an_approved_profile) {
    clinic c;
    const auto who = c.person();
    const auto id = start_one(c, who);
    EXPECT_EQ(c.state(id), "open");
    EXPECT_EQ(c.standing_of(who), "in_progress pending {}");
    settle_one(c, id);
    EXPECT_EQ(c.state(id), "open");
    c.digio.finish(id, provider_status::approval_pending);
    settle_one(c, id);
    EXPECT_EQ(c.state(id), "approved") << "the checks pass, so it is approved at Digio, and then here";
    EXPECT_EQ(c.standing_of(who), "completed approved {astrologer}");
    EXPECT_EQ(c.db.execute("select status || ' ' || decision_reason from astrologer"),
              "approved the identity check has passed");
    EXPECT_EQ(c.audited(id), "astrologer kyc.start, system kyc.open, system kyc.review, system kyc.approve");
    EXPECT_EQ(c.audited(who.value), "system astrologer.approve");
    EXPECT_EQ(c.told(), "1");
    settle_one(c, id);
    EXPECT_EQ(c.told(), "1");
    EXPECT_EQ(start_refused(c, who), error::already_verified);
}

TEST(kyc_session, keeps_of_the_papers_what_is_checked_and_that_sealed) {
    clinic c;
    const auto who = c.person();
    const auto id = start_one(c, who);
    c.digio.finish(id, provider_status::approved);
    settle_one(c, id);
    EXPECT_EQ(
        c.db.execute("select count(*) from kyc_session k where k::text like '%ABCPK1234F%' or k::text ilike "
                     "'%asha%' or k::text like '%192.0.2.7%'"),
        "0");
    run(c.db, [&](pg::client& pg) -> task<void> {
        auto s = c.of(pg);
        const staff_member staff{user_id::make(), "admin", "a complaint", "r"};
        const auto masked = co_await read_detail(s, staff, id, false);
        EXPECT_EQ(masked->seen.pan.reveal(), "ABXXXXXX4F");
        EXPECT_EQ(masked->seen.aadhaar.reveal(), "XXXX XXXX 1234");
        EXPECT_EQ(masked->seen.pan_name.reveal(), "A*** R***");
        EXPECT_EQ(masked->seen.pan_birth_date.reveal(), "1990");
        const auto whole = co_await read_detail(s, staff, id, true);
        EXPECT_EQ(whole->seen.pan.reveal(), "ABCPK1234F");
        EXPECT_EQ(whole->seen.aadhaar.reveal(), "XXXX XXXX 1234") << "there is no more of it";
        EXPECT_EQ(whole->seen.legal_name.reveal(), "Asha Rao");
    });
    EXPECT_EQ(
        c.db.execute("select string_agg(action || ' ' || reason, ', ' order by id) from audit_pending where "
                     "actor_role = 'admin'"),
        "admin.read_kyc a complaint, kyc.reveal a complaint");
}

TEST(kyc_start, asks_for_consent_a_name_and_one_session_at_a_time) {
    clinic c;
    const auto silent = c.person(false);
    EXPECT_EQ(start_refused(c, silent), error::consent_required);
    c.consent(silent);
    c.withdraw(silent);
    EXPECT_EQ(start_refused(c, silent), error::consent_required);
    const auto nameless = c.person();
    c.db.execute("update astrologer set legal_name_sealed = null where id = '" + nameless.to_string() + "'");
    EXPECT_EQ(start_refused(c, nameless), error::legal_name_required);
    const auto who = c.person();
    const auto id = start_one(c, who);
    run(c.db, [&](pg::client& pg) -> task<void> {
        auto s = c.of(pg);
        const auto again = co_await start(s, by_person(who), new_key());
        EXPECT_EQ(again.error().why, error::in_progress);
        EXPECT_EQ(again.error().open->id, id) << "and says which";
        EXPECT_TRUE(again.error().open->gateway_url);
        EXPECT_EQ((co_await set_legal_name(s, by_person(who), personal("Other"))).error().why,
                  error::in_progress);
    });
    EXPECT_EQ(c.digio.creations, 1);
}

TEST(kyc_start, answers_the_same_to_the_same_key) {
    clinic c;
    const auto who = c.person();
    run(c.db, [&](pg::client& pg) -> task<void> {
        auto s = c.of(pg);
        auto key = new_key();
        const auto first = co_await start(s, by_person(who), key);
        const auto again = co_await start(s, by_person(who), key);
        EXPECT_EQ(first->id, again->id);
        EXPECT_TRUE(again->gateway_url);
        key.fingerprint = "another body";
        EXPECT_EQ((co_await start(s, by_person(who), key)).error().why, error::idempotency_key_reused);
    });
    EXPECT_EQ(c.digio.creations, 1);
    EXPECT_EQ(
        c.db.execute("select count(*) from idempotency where answer like '%http%' or answer like '%GWT%'"),
        "0");
}

TEST(kyc_attempts, are_three_and_no_more) {
    clinic c;
    const auto who = c.person();
    for (int i = 1; i <= 3; ++i) {
        const auto id = start_one(c, who);
        c.digio.finish(id, provider_status::rejected);
        settle_one(c, id);
        EXPECT_EQ(c.state(id), "rejected provider_rejected");
        EXPECT_EQ(c.standing_of(who), "failed pending {}");
        EXPECT_EQ(c.db.execute("select attempt from kyc_session where id = '" + id.to_string() + "'"),
                  std::to_string(i));
    }
    EXPECT_EQ(start_refused(c, who), error::attempts_exhausted);
    EXPECT_EQ(c.told(), "3");
}

TEST(kyc_attempts, that_are_spared_come_back_and_are_bounded_by_the_day) {
    clinic c;
    const auto who = c.person();
    for (int i = 0; i < most_sessions_a_day; ++i) {
        const auto id = start_one(c, who);
        run(c.db, [&](pg::client& pg) -> task<void> {
            auto s = c.of(pg);
            const auto done = co_await cancel(s, by_person(who), id);
            EXPECT_EQ(done->state, state::cancelled);
            const auto now = co_await read_overview(s, who);
            EXPECT_EQ(now.attempts_left, 3);
            EXPECT_EQ(now.next_step, todo::start);
        });
        EXPECT_EQ(c.state(id), "cancelled cancelled spared");
    }
    EXPECT_EQ(start_refused(c, who), error::too_many_sessions);
    EXPECT_EQ(c.told(), "0") << "who cancels knows";
}

TEST(kyc_cancel, asks_digio_what_was_handed_in) {
    clinic c;
    const auto who = c.person();
    const auto id = start_one(c, who);
    c.digio.of(id).submitted = true;
    run(c.db, [&](pg::client& pg) -> task<void> {
        auto s = c.of(pg);
        EXPECT_TRUE((co_await cancel(s, by_person(who), id)).has_value());
        EXPECT_EQ((co_await read_overview(s, who)).attempts_left, 2);
        EXPECT_EQ((co_await cancel(s, by_person(c.person()), id)).error().why, error::session_not_found);
    });
    EXPECT_EQ(c.state(id), "cancelled cancelled");
    const auto second = start_one(c, who);
    c.digio.finish(second, provider_status::approved);
    run(c.db, [&](pg::client& pg) -> task<void> {
        auto s = c.of(pg);
        EXPECT_EQ((co_await cancel(s, by_person(who), second)).error().why, error::not_open);
    });
    EXPECT_EQ(c.state(second), "approved") << "it was over before it was cancelled";
}

TEST(kyc_creation, that_is_not_answered_is_settled_by_asking_and_never_sent_again) {
    clinic c;
    const auto who = c.person();
    c.digio.next = model_digio::creation::loses_answer;
    const auto id = start_one(c, who);
    EXPECT_EQ(c.state(id), "unknown");
    run(c.db, [&](pg::client& pg) -> task<void> {
        const auto kid = c.digio.by_transaction.at(id.to_string());
        const auto hinted = co_await pg.write_one<uuid>(sql::hint_kyc, id, kid);
        EXPECT_EQ(hinted, id);
    });
    settle_one(c, id);
    EXPECT_EQ(c.state(id), "open");
    EXPECT_EQ(c.digio.creations, 1);

    const auto other = c.person();
    c.digio.next = model_digio::creation::loses_request;
    const auto lost = start_one(c, other);
    c.age(lost, "5 minutes");
    settle_one(c, lost);
    EXPECT_EQ(c.state(lost), "unknown");
    c.age(lost, "6 minutes");
    settle_one(c, lost);
    EXPECT_EQ(c.state(lost), "abandoned create_unanswered spared");
    EXPECT_EQ(c.told(), "1");
}

TEST(kyc_creation, that_another_case_is_named_for_is_not_believed) {
    clinic c;
    const auto victim = c.person(), thief = c.person();
    const auto good = start_one(c, victim);
    c.digio.finish(good, provider_status::approved);
    c.digio.next = model_digio::creation::loses_request;
    const auto bad = start_one(c, thief);
    run(c.db, [&](pg::client& pg) -> task<void> {
        // The KID of a request that Digio made for another session, before that session learns it.
        c.digio.requests["KID00000000000000000000000000099"] = {.kid = "KID00000000000000000000000000099",
                                                                .transaction_id = good.to_string(),
                                                                .status = provider_status::approved};
        co_await pg.write_one<uuid>(sql::hint_kyc, bad, "KID00000000000000000000000000099");
    });
    settle_one(c, bad);
    EXPECT_EQ(c.state(bad), "unknown");
}

TEST(kyc_creation, that_never_left_or_was_refused_uses_nothing_up) {
    clinic c;
    for (const auto how : {model_digio::creation::away, model_digio::creation::refuses}) {
        const auto who = c.person();
        c.digio.next = how;
        EXPECT_EQ(start_refused(c, who), error::unavailable);
        EXPECT_EQ(c.standing_of(who), "failed pending {}");
        c.digio.next = model_digio::creation::answers;
        EXPECT_FALSE(start_one(c, who).is_nil());
    }
}

TEST(kyc_time, digio_is_not_asked_for_tokens_or_told_of_returns_without_end) {
    clinic c;
    const auto who = c.person();
    const auto id = start_one(c, who);
    const auto renew = [&] {
        run(c.db, [&](pg::client& pg) -> task<void> {
            auto s = c.of(pg);
            for (int i = 0; i < 5; ++i) {
                const auto view = co_await renew_token(s, by_person(who), id);
                EXPECT_TRUE(view->gateway_url) << "there is always a way in";
                co_await come_back(s, by_person(who), id, "cancel");
            }
        });
        return std::to_string(c.digio.renewals) +
               c.db.execute("select ' ' || count(*) from audit_pending where action = 'kyc.return'");
    };
    EXPECT_EQ(renew(), "1 1");
    EXPECT_EQ(renew(), "1 1");
    c.db.execute(
        "update kyc_session set token_asked_at = token_asked_at - interval '11 seconds', "
        "returned_at = returned_at - interval '11 seconds'");
    EXPECT_EQ(renew(), "2 2");
}

TEST(kyc_time, half_an_hour_and_digios_word_for_it) {
    clinic c;
    const auto who = c.person();
    const auto id = start_one(c, who);
    c.digio.of(id).submitted = true;
    c.age(id, "31 minutes");
    c.digio.down = true;
    settle_one(c, id);
    EXPECT_EQ(c.state(id), "open") << "without Digio's word nothing is taken away";
    run(c.db, [&](pg::client& pg) -> task<void> {
        auto s = c.of(pg);
        EXPECT_EQ((co_await renew_token(s, by_person(who), id)).error().why, error::not_open);
    });
    c.digio.down = false;
    settle_one(c, id);
    EXPECT_EQ(c.state(id), "expired out_of_time");
    const auto second = start_one(c, who);
    c.digio.down = true;
    c.age(second, "7 hours");
    settle_one(c, second);
    EXPECT_EQ(c.state(second), "abandoned provider_unavailable spared");
}

TEST(kyc_checks, reject_for_good_hold_for_staff_and_find_one_pan_in_two_accounts) {
    clinic c;
    const auto first = c.person(), second = c.person(), young = c.person(),
               other = c.person(true, "Vikram Singh");
    const auto a = start_one(c, first);
    c.digio.finish(a, provider_status::approved);
    settle_one(c, a);
    const auto b = start_one(c, second);
    c.digio.finish(b, provider_status::approved);
    settle_one(c, b);
    EXPECT_EQ(c.state(b), "rejected pan_in_use");
    EXPECT_EQ(c.standing_of(second), "rejected pending {}");
    EXPECT_EQ(start_refused(c, second), error::rejected);
    const auto y = start_one(c, young);
    auto papers = good_papers("ABCPK9999F");
    papers.pan_birth_date = papers.aadhaar_birth_date = "2015-01-01";
    c.digio.finish(y, provider_status::approval_pending, papers);
    settle_one(c, y);
    EXPECT_EQ(c.state(y), "rejected under_age");
    const auto d = start_one(c, other);
    c.digio.finish(d, provider_status::approved, good_papers("ABCPK8888F"));
    settle_one(c, d);
    EXPECT_EQ(c.state(d), "in_review");
    EXPECT_EQ(c.db.execute("select reasons::text from kyc_session where id = '" + d.to_string() + "'"),
              "{name_unrelated}");
    EXPECT_EQ(
        c.db.execute("select next_check_at is null from kyc_session where id = '" + d.to_string() + "'"),
        "t");
}

TEST(kyc_withdrawal, stops_the_session_and_asks_for_deletion_once) {
    clinic c;
    const auto who = c.person();
    const auto id = start_one(c, who);
    c.digio.of(id).submitted = true;
    settle_one(c, id);
    c.withdraw(who);
    const auto heed = [&] {
        run(c.db, [&](pg::client& pg) -> task<void> {
            auto s = c.of(pg);
            jobs::outbox_worker worker(loop::current(), pg, c.keys, {.poll = std::chrono::milliseconds(5)});
            handle_jobs(worker, s, [](uuid) -> task<std::optional<std::string>> { co_return std::nullopt; });
            const auto letter = uuid::v7();
            const auto payload = jobs::seal_payload(
                c.keys, letter, fmt::format(R"({{"userId":"{}","purpose":"kyc"}})", who.to_string()));
            c.db.execute("insert into outbox (id, kind, payload) values ('" + letter.to_string() +
                         "', 'consent.withdrawn', '\\x" + crypto::hex(payload) + "')");
            event ended;
            const auto work = [](jobs::outbox_worker& w, event& done) -> task<void> {
                co_await w.run();
                done.set();
            };
            spawn(work(worker, ended));
            for (int i = 0; i < 2000; ++i) {
                if (c.db.execute("select count(*) from outbox where kind <> 'kyc.decided'") == "0") break;
                co_await sleep_for(std::chrono::milliseconds(5));
            }
            worker.stop();
            co_await ended.wait_for(std::chrono::seconds(10));
        });
    };
    heed();
    EXPECT_EQ(c.state(id), "abandoned consent_withdrawn");
    EXPECT_EQ(c.db.execute("select count(*) from kyc_deletion where done_at is null"), "1");
    heed();
    EXPECT_EQ(c.db.execute("select count(*) from kyc_deletion"), "1");
    EXPECT_EQ(c.db.execute("select count(*) from audit_pending where action = 'kyc.ask_deletion'"), "1");
    EXPECT_EQ(c.told(), "0");
    c.consent(who);
    const auto second = start_one(c, who);
    heed();
    EXPECT_EQ(c.state(second), "open") << "begun under a new consent";
}

}  // namespace
}  // namespace astrotalk::onboarding::kyc
