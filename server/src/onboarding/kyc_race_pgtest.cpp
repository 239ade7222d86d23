// Whoever comes at the same time: parallel starts; and webhook, poller, withdrawal, the person and staff.
#include <random>

#include "onboarding/kyc_testing.hpp"
#include "onboarding/queries.hpp"

namespace astrotalk::onboarding::kyc {
namespace {

using namespace std::chrono_literals;
using pg::testing::run;

struct tally {
    std::size_t left = 0;
    int succeeded = 0;
    std::map<error, int> refused;
    event done;

    void end() {
        if (--left == 0) done.set();
    }
};

task<void> try_start(service& s, user_id who, http::idempotency_key key, tally& t) {
    const auto done = co_await start(s, by_person(who), std::move(key));
    if (done)
        ++t.succeeded;
    else
        ++t.refused[done.error().why];
    t.end();
}

TEST(kyc_race, of_parallel_starts_one_begins) {
    clinic c;
    run(c.db, [&](pg::client& pg) -> task<void> {
        auto s = c.of(pg);
        for (int round = 0; round < 10; ++round) {
            const auto who = c.person();
            tally t;
            t.left = 16;
            for (std::size_t i = 0; i < 16; ++i) spawn(try_start(s, who, new_key(), t));
            EXPECT_TRUE(co_await t.done.wait_for(60s));
            EXPECT_EQ(t.succeeded, 1);
            EXPECT_EQ(t.refused[error::in_progress], 15);
        }
    });
    EXPECT_EQ(c.db.execute("select count(*) from kyc_session"), "10");
    EXPECT_EQ(c.digio.creations, 10);
}

TEST(kyc_race, one_key_many_times_is_one_session) {
    clinic c;
    const auto who = c.person();
    run(c.db, [&](pg::client& pg) -> task<void> {
        auto s = c.of(pg);
        const auto key = new_key();
        tally t;
        t.left = 16;
        for (std::size_t i = 0; i < 16; ++i) spawn(try_start(s, who, key, t));
        EXPECT_TRUE(co_await t.done.wait_for(60s));
        EXPECT_EQ(t.succeeded, 16);
    });
    EXPECT_EQ(c.digio.creations, 1);
}

TEST(kyc_race, a_webhook_that_overtakes_the_answer_leaves_the_way_in) {
    clinic c;
    const auto who = c.person();
    run(c.db, [&](pg::client& pg) -> task<void> {
        auto s = c.of(pg);
        c.digio.before_answer = [&](uuid session, std::string kid) -> task<void> {
            co_await pg.write_one<uuid>(sql::hint_kyc, session, kid);
            co_await settle(s, session);
        };
        const auto started = co_await start(s, by_person(who), new_key());
        EXPECT_EQ(started->state, state::open);
        EXPECT_TRUE(started->gateway_url) << "the token came with the answer";
    });
    EXPECT_EQ(c.db.execute("select count(*) from audit_pending where action = 'kyc.open'"), "1");
}

constexpr pg::statement open_by_webhook{
    "test.open_by_webhook",
    "update kyc_session set state = 'open', kid = $2, version = version + 1 where id = $1", 2};

// Holds the row as the webhook's statement does, until the one that stores the answer waits for it.
task<void> open_beside(clinic& c, pg::client& pg, uuid session, std::string kid, event& opened) {
    co_await pg.transact([&](pg::transaction& t) -> task<void> {
        co_await t.execute(open_by_webhook, session, kid);
        opened.set();
        while (!c.db.has_waiter()) co_await sleep_for(1ms);
    });
}

TEST(kyc_race, an_answer_that_waits_for_the_webhook_leaves_the_way_in) {
    clinic c;
    const auto who = c.person();
    run(c.db, [&](pg::client& pg) -> task<void> {
        auto s = c.of(pg);
        event opened;
        c.digio.before_answer = [&](uuid session, std::string kid) -> task<void> {
            spawn(open_beside(c, pg, session, std::move(kid), opened));
            EXPECT_TRUE(co_await opened.wait_for(60s));
        };
        const auto started = co_await start(s, by_person(who), new_key());
        EXPECT_EQ(started->state, state::open);
        EXPECT_TRUE(started->gateway_url) << "the token came with the answer";
    });
}

// Ends whatever session is open, while others start: at no time a fourth attempt.
TEST(kyc_race, there_is_no_fourth_attempt_however_fast_they_fail) {
    clinic c;
    const auto who = c.person();
    run(c.db, [&](pg::client& pg) -> task<void> {
        auto s = c.of(pg);
        for (int wave = 0; wave < 8; ++wave) {
            tally t;
            t.left = 8;
            for (std::size_t i = 0; i < 8; ++i) spawn(try_start(s, who, new_key(), t));
            for (auto& [kid, r] : c.digio.requests) {
                r.status = provider_status::rejected;
                r.submitted = true;
            }
            for (const auto& id :
                 co_await pg.write<uuid>(sql::find_kyc_by_kid, fmt::format("KID{:029}", c.digio.count)))
                co_await settle(s, id);
            EXPECT_TRUE(co_await t.done.wait_for(60s));
        }
    });
    EXPECT_EQ(c.db.execute("select max(attempt) || ' ' || count(*) from kyc_session where not spared"),
              "3 3");
    EXPECT_EQ(c.digio.creations, 3);
}

enum class hand : std::uint8_t { webhook, poller, cancel, withdraw, approve, reject };

task<void> reach(clinic& c, service& s, user_id who, uuid id, hand with, tally& t) {
    switch (with) {
        case hand::webhook:
        case hand::poller: co_await settle(s, id); break;
        case hand::cancel: co_await cancel(s, by_person(who), id); break;
        case hand::withdraw: {
            c.withdraw(who);
            co_await settle(s, id);
            break;
        }
        case hand::approve: co_await approve(s, {user_id::make(), "admin", "looks right", "r"}, id); break;
        case hand::reject:
            co_await reject(s, {user_id::make(), "admin", "looks wrong", "r"}, id,
                            reject_code::suspected_fraud);
            break;
    }
    t.end();
}

TEST(kyc_race, whoever_comes_first_there_is_one_end_and_one_word_of_it) {
    clinic c;
    std::mt19937 chance(7);
    run(c.db, [&](pg::client& pg) -> task<void> {
        auto s = c.of(pg);
        for (int round = 0; round < 60; ++round) {
            const auto who = c.person(true, round % 2 == 0 ? "Asha Rao" : "Vikram Singh");
            const auto begun = co_await start(s, by_person(who), new_key());
            const auto id = begun->id;
            c.digio.finish(id, round % 3 == 0 ? provider_status::approval_pending : provider_status::approved,
                           good_papers(fmt::format("ABCPK{:04}F", round)));
            if (round % 2 == 1) co_await settle(s, id);  // so that it waits for staff
            std::vector<hand> hands = {hand::webhook,  hand::poller,  hand::webhook, hand::cancel,
                                       hand::withdraw, hand::approve, hand::reject,  hand::poller};
            std::ranges::shuffle(hands, chance);
            tally t;
            t.left = hands.size();
            for (const auto with : hands) spawn(reach(c, s, who, id, with, t));
            EXPECT_TRUE(co_await t.done.wait_for(60s));
            co_await settle(s, id);
        }
    });
    EXPECT_EQ(c.db.execute("select count(*) from kyc_session where kyc_step(state) < 4"), "0");
    EXPECT_EQ(c.db.execute(
                  "select count(*) from kyc_session k join pool_user u on u.id = k.user_id where "
                  "(k.state = 'approved') <> (u.kyc_status = 'completed') or (u.kyc_status = 'completed') <> "
                  "('astrologer' = any(u.groups)) or u.kyc_status = 'in_progress'"),
              "0");
    EXPECT_EQ(c.db.execute("select count(*) from audit_pending where action in ('kyc.approve', 'kyc.reject', "
                           "'kyc.cancel', 'kyc.abandon')"),
              "60")
        << "each ended once";
    EXPECT_EQ(c.told(),
              c.db.execute("select count(*) from kyc_session where state in ('approved', 'rejected')"));
    EXPECT_EQ(
        c.db.execute("select count(*) from kyc_session k join consent n on n.id = k.consent_id where k.state "
                     "= 'approved' and n.withdrawn_at < k.ended_at"),
        "0")
        << "nobody is approved after they withdrew";
}

TEST(kyc_race, one_pan_passes_once) {
    clinic c;
    run(c.db, [&](pg::client& pg) -> task<void> {
        auto s = c.of(pg);
        for (int round = 0; round < 10; ++round) {
            std::vector<uuid> ids;
            for (int i = 0; i < 6; ++i) {
                const auto who = c.person();
                const auto begun = co_await start(s, by_person(who), new_key());
                c.digio.finish(begun->id, provider_status::approved,
                               good_papers(fmt::format("ABCPK{:04}F", round)));
                ids.push_back(begun->id);
            }
            tally t;
            t.left = ids.size();
            for (const auto id : ids) spawn(reach(c, s, user_id(), id, hand::webhook, t));
            EXPECT_TRUE(co_await t.done.wait_for(60s));
        }
    });
    EXPECT_EQ(c.db.execute(
                  "select string_agg(state || ' ' || n, ', ' order by state) from (select state, count(*) n "
                  "from kyc_session group by state) x"),
              "approved 10, rejected 50");
}

// The profile's submission and the end of the check: whichever comes second approves it.
TEST(kyc_race, a_profile_submitted_while_the_check_passes_is_approved) {
    clinic c;
    run(c.db, [&](pg::client& pg) -> task<void> {
        auto s = c.of(pg);
        for (int round = 0; round < 30; ++round) {
            const auto who = c.person();
            c.db.execute("update astrologer set status = 'draft', submitted_at = null where id = '" +
                         who.to_string() + "'");
            const auto begun = co_await start(s, by_person(who), new_key());
            c.digio.finish(begun->id, provider_status::approved,
                           good_papers(fmt::format("ABCPK{:04}F", round)));
            tally t;
            t.left = 2;
            const auto submit = [](pg::client& with, user_id id, tally& of) -> task<void> {
                EXPECT_TRUE((co_await submit_profile(with, id, "r")).has_value());
                of.end();
            };
            if (round % 2 == 0) spawn(submit(pg, who, t));
            spawn(reach(c, s, who, begun->id, hand::webhook, t));
            if (round % 2 == 1) spawn(submit(pg, who, t));
            EXPECT_TRUE(co_await t.done.wait_for(60s));
        }
    });
    EXPECT_EQ(
        c.db.execute(
            "select count(*) from pool_user u join astrologer a using (id) where a.status <> 'approved' "
            "or u.profile_status <> 'approved' or u.groups <> '{astrologer}'"),
        "0");
    EXPECT_EQ(c.db.execute("select count(*) from audit_pending where action = 'astrologer.approve'"), "30");
}

TEST(kyc_staff, two_of_them_where_four_eyes_are_asked_for) {
    clinic c;
    c.by.four_eyes = true;
    run(c.db, [&](pg::client& pg) -> task<void> {
        auto s = c.of(pg);
        const auto who = c.person(true, "Vikram Singh");
        const auto begun = co_await start(s, by_person(who), new_key());
        c.digio.finish(begun->id, provider_status::approved);
        const staff_member first{user_id::make(), "admin", "the names are of one person", "r"},
            second{user_id::make(), "admin", "so they are", "r"}, themselves{who, "admin", "me", "r"};
        EXPECT_EQ((co_await approve(s, first, begun->id)).error().why, error::not_reviewable) << "not yet";
        co_await settle(s, begun->id);
        EXPECT_EQ((co_await read_queue(s, uuid(), 10)).size(), 1U);
        EXPECT_EQ((co_await approve(s, themselves, begun->id)).error().why, error::not_reviewable);
        EXPECT_TRUE((co_await approve(s, first, begun->id)).has_value());
        EXPECT_EQ(c.state(begun->id), "in_review");
        EXPECT_EQ((co_await approve(s, first, begun->id)).error().why, error::second_admin_needed);
        EXPECT_TRUE((co_await approve(s, second, begun->id)).has_value());
        EXPECT_EQ(c.state(begun->id), "approved");
        EXPECT_EQ((co_await approve(s, second, begun->id)).error().why, error::not_reviewable);
        EXPECT_EQ(
            c.db.execute("select actor_id || ' ' || reason from audit_pending where action = 'kyc.approve'"),
            second.id.to_string() + " so they are");
    });
    EXPECT_THROW(c.db.execute("update kyc_session set seconded_by = approved_by"), std::runtime_error);
}

TEST(kyc_staff, reject_with_a_code_for_good_or_for_another_try) {
    clinic c;
    run(c.db, [&](pg::client& pg) -> task<void> {
        auto s = c.of(pg);
        for (const auto why : {reject_code::papers_unclear, reject_code::suspected_fraud}) {
            const auto who = c.person(true, "Vikram Singh");
            const auto begun = co_await start(s, by_person(who), new_key());
            c.digio.finish(begun->id, provider_status::approved);
            co_await settle(s, begun->id);
            const staff_member admin{user_id::make(), "admin", "the photo is not of the person", "r"};
            EXPECT_TRUE((co_await reject(s, admin, begun->id, why)).has_value());
            EXPECT_EQ((co_await reject(s, admin, begun->id, why)).error().why, error::not_reviewable);
            EXPECT_EQ(c.standing_of(who),
                      why == reject_code::papers_unclear ? "failed pending {}" : "rejected pending {}");
            EXPECT_EQ(c.db.execute(
                          "select actor_id || ' ' || reason from audit_pending where action = 'kyc.reject' "
                          "and subject_id = '" +
                          begun->id.to_string() + "'"),
                      admin.id.to_string() + " " + admin.reason);
        }
    });
}

TEST(kyc_staff, accept_the_papers_of_who_will_not_use_digio) {
    clinic c;
    run(c.db, [&](pg::client& pg) -> task<void> {
        auto s = c.of(pg);
        const auto who = c.person(false);
        const staff_member admin{user_id::make(), "admin", "passport seen at the office", "r"};
        EXPECT_TRUE((co_await accept_papers(s, admin, who)).has_value());
        EXPECT_EQ(c.standing_of(who), "completed approved {astrologer}");
        EXPECT_EQ((co_await accept_papers(s, admin, who)).error().why, error::already_verified);
        const auto self = c.person();
        EXPECT_FALSE((co_await accept_papers(s, {self, "admin", "me", "r"}, self)).has_value());
    });
    EXPECT_EQ(c.told(), "1");
    EXPECT_EQ(c.digio.creations, 0);
}

}  // namespace
}  // namespace astrotalk::onboarding::kyc
