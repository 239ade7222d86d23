// Each transition of a session leaves its audit row, and no other: who acted, in which role, why, and from
// where when it was a person.
#include "onboarding/kyc_staff.hpp"
#include "onboarding/kyc_steps.hpp"
#include "onboarding/kyc_testing.hpp"
#include "onboarding/queries.hpp"

namespace astrotalk::onboarding::kyc {
namespace {

using pg::testing::run;
using lines = std::vector<std::string>;

constexpr pg::statement list_trail{"test.list_trail",
                                   "select coalesce(actor_id::text, '') as actor, actor_role as role, "
                                   "action, coalesce(reason, '') as reason, "
                                   "coalesce(detail::json->>'address', '') as address from audit_pending "
                                   "where subject_kind = 'kyc_session' and subject_id = $1 order by at, id",
                                   1};
struct trail_row {
    std::string actor, role, action, reason, address;
};
BOOST_DESCRIBE_STRUCT(trail_row, (), (actor, role, action, reason, address))

const lines begun = {"person astrologer kyc.start: asked for by the person (home)",
                     "nobody system kyc.open: Digio has made the request"};
lines after_start(const lines& more) {
    lines all = begun;
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

struct kyc_audit : ::testing::Test, clinic {
    user_id who = person();
    uuid id;
    staff_member first{user_id::make(), "admin", "seen with my eyes", "r", "198.51.100.1"},
        second{user_id::make(), "admin", "so have I", "r", "198.51.100.2"};

    void with(std::function<task<void>(service&)> what) {
        run(db, [&](pg::client& pg) -> task<void> {
            auto s = of(pg);
            co_await what(s);
        });
    }
    // Begins, whatever comes of it.
    void begin() {
        with([&](service& s) -> task<void> { co_await start(s, by_person(who), new_key()); });
        id = *uuid::parse(db.execute("select id from kyc_session order by id desc limit 1"));
    }
    void look() {
        with([&](service& s) -> task<void> { co_await settle(s, id); });
    }
    void begin_and_finish(provider_status as, evidence seen = good_papers()) {
        begin();
        digio.finish(id, as, std::move(seen));
        look();
    }
    void wait_for_staff() {
        auto seen = good_papers();
        seen.pan_name = seen.aadhaar_name = "VIKRAM SINGH";
        begin_and_finish(provider_status::approved, seen);
    }

    // "actor role action: reason (where)".
    lines trail() {
        lines all;
        const auto rows = run(db, [&](pg::client& pg) -> task<std::vector<trail_row>> {
            co_return co_await pg.read<trail_row>(list_trail, id);
        });
        for (const auto& each : rows)
            all.push_back(fmt::format("{} {} {}: {}{}", name_of(each.actor), each.role, each.action,
                                      each.reason, place_of(each.address)));
        return all;
    }
    std::string name_of(const std::string& actor) const {
        if (actor.empty()) return "nobody";
        if (actor == who.to_string()) return "person";
        return actor == first.id.to_string() ? "first" : actor == second.id.to_string() ? "second" : actor;
    }
    std::string place_of(const std::string& mark) const {
        if (mark.empty()) return {};
        if (mark == address_mark_of(keys, by_person(who).from.address)) return " (home)";
        if (mark == address_mark_of(keys, first.address)) return " (first office)";
        return mark == address_mark_of(keys, second.address) ? " (second office)" : " (" + mark + ")";
    }
};

TEST_F(kyc_audit, of_a_start_and_what_digio_made_of_it) {
    begin();
    EXPECT_EQ(trail(), begun);
}

TEST_F(kyc_audit, of_a_creation_without_an_answer_and_of_its_coming_to_light) {
    digio.next = model_digio::creation::loses_answer;
    begin();
    lines due = {begun[0], "nobody system kyc.unknown: Digio has not answered"};
    EXPECT_EQ(trail(), due);
    with([&](service& s) -> task<void> {
        co_await s.pg.write_one<uuid>(sql::hint_kyc, id, digio.by_transaction.at(id.to_string()));
        co_await settle(s, id);
    });
    due.emplace_back("nobody system kyc.open: Digio says so");
    EXPECT_EQ(trail(), due);
}

TEST_F(kyc_audit, of_a_server_that_died_while_it_asked) {
    begin();
    db.execute(
        "delete from audit_pending where action = 'kyc.open'; alter table kyc_session disable trigger "
        "all; update kyc_session set state = 'creating', kid = null; alter table kyc_session enable "
        "trigger all");
    age(id, "2 minutes");
    look();
    EXPECT_EQ(trail(), (lines{begun[0], "nobody system kyc.unknown: Digio has not answered"}));
}

TEST_F(kyc_audit, of_what_was_handed_in) {
    begin();
    digio.of(id).submitted = true;
    look();
    look();
    EXPECT_EQ(trail(), after_start({"nobody system kyc.submit: Digio says so"}));
}

TEST_F(kyc_audit, of_the_review) {
    by.approve_at_provider = false;
    begin_and_finish(provider_status::approval_pending);
    EXPECT_EQ(trail(), after_start({"nobody system kyc.review: Digio says so"}));
    digio.finish(id, provider_status::approved);
    look();
    EXPECT_EQ(trail(), after_start({"nobody system kyc.review: Digio says so",
                                    "nobody system kyc.approve: the identity check has passed"}));
}

TEST_F(kyc_audit, of_what_passes_by_itself) {
    begin_and_finish(provider_status::approved);
    EXPECT_EQ(trail(), after_start({"nobody system kyc.approve: the identity check has passed"}));
    EXPECT_EQ(audited(who.value), "system astrologer.approve");
}

TEST_F(kyc_audit, of_staff_that_approve) {
    wait_for_staff();
    EXPECT_EQ(trail(), after_start({"nobody system kyc.review: staff are to look at it"}));
    with([&](service& s) -> task<void> { co_await approve(s, first, id); });
    EXPECT_EQ(trail(), after_start({"nobody system kyc.review: staff are to look at it",
                                    "first admin kyc.staff_approve: seen with my eyes (first office)",
                                    "first admin kyc.approve: seen with my eyes"}));
    EXPECT_EQ(audited(who.value), "admin astrologer.approve");
}

TEST_F(kyc_audit, of_four_eyes) {
    by.four_eyes = true;
    wait_for_staff();
    lines due = after_start({"nobody system kyc.review: staff are to look at it",
                             "first admin kyc.staff_approve: seen with my eyes (first office)"});
    with([&](service& s) -> task<void> {
        co_await approve(s, first, id);
        co_await approve(s, first, id);  // refused, and leaves nothing
    });
    EXPECT_EQ(trail(), due);
    with([&](service& s) -> task<void> { co_await approve(s, second, id); });
    due.emplace_back("second admin kyc.staff_second: so have I (second office)");
    due.emplace_back("second admin kyc.approve: so have I");
    EXPECT_EQ(trail(), due);
}

TEST_F(kyc_audit, of_staff_that_reject) {
    wait_for_staff();
    with([&](service& s) -> task<void> { co_await reject(s, first, id, reject_code::names_differ); });
    EXPECT_EQ(trail(), after_start({"nobody system kyc.review: staff are to look at it",
                                    "first admin kyc.reject: seen with my eyes (first office)"}));
}

TEST_F(kyc_audit, of_the_policy_that_rejects) {
    auto young = good_papers();
    young.pan_birth_date = young.aadhaar_birth_date = "2015-01-01";
    begin_and_finish(provider_status::approval_pending, young);
    EXPECT_EQ(trail(), after_start({"nobody system kyc.reject: under_age"}));
}

TEST_F(kyc_audit, of_the_ends_that_digio_decides) {
    const std::pair<provider_status, const char*> ends[] = {
        {provider_status::rejected, "nobody system kyc.reject: provider_rejected"},
        {provider_status::failed, "nobody system kyc.fail: provider_failed"},
        {provider_status::skipped, "nobody system kyc.fail: provider_skipped"},
        {provider_status::expired, "nobody system kyc.expire: out_of_time"}};
    for (const auto& [status, row] : ends) {
        who = person();
        begin_and_finish(status);
        EXPECT_EQ(trail(), after_start({row}));
    }
    who = person();
    begin();
    digio.finish(id, provider_status::failed);
    digio.of(id).call_dropped = true;
    look();
    EXPECT_EQ(trail(), after_start({"nobody system kyc.fail: call_dropped"}));
}

TEST_F(kyc_audit, of_a_review_that_digio_let_lapse) {
    by.approve_at_provider = false;
    begin_and_finish(provider_status::approval_pending);
    digio.finish(id, provider_status::expired);
    look();
    EXPECT_EQ(trail(), after_start({"nobody system kyc.review: Digio says so",
                                    "nobody system kyc.expire: review_lapsed"}));
}

TEST_F(kyc_audit, of_the_half_hour) {
    begin();
    age(id, "32 minutes");
    look();
    EXPECT_EQ(trail(), after_start({"nobody system kyc.expire: out_of_time"}));
}

TEST_F(kyc_audit, of_the_person_who_comes_back_and_cancels) {
    begin();
    with([&](service& s) -> task<void> {
        co_await come_back(s, by_person(who), id, "cancel");
        co_await cancel(s, by_person(who), id);
        co_await cancel(s, by_person(who), id);  // again: the same answer, and no other row
    });
    EXPECT_EQ(trail(), after_start({"person astrologer kyc.return: came back from Digio (home)",
                                    "person astrologer kyc.cancel: cancelled by the person (home)"}));
}

TEST_F(kyc_audit, of_each_way_to_be_abandoned) {
    digio.next = model_digio::creation::away;
    begin();
    EXPECT_EQ(trail(), (lines{begun[0], "nobody system kyc.abandon: provider_unavailable"}));
    digio.next = model_digio::creation::refuses;
    begin();
    EXPECT_EQ(trail(), (lines{begun[0], "nobody system kyc.abandon: provider_refused"}));
    digio.next = model_digio::creation::loses_request;
    begin();
    age(id, "11 minutes");
    look();
    EXPECT_EQ(trail(), (lines{begun[0], "nobody system kyc.unknown: Digio has not answered",
                              "nobody system kyc.abandon: create_unanswered"}));
    digio.next = model_digio::creation::answers;
    begin();
    digio.down = true;
    age(id, "7 hours");
    look();
    EXPECT_EQ(trail(), after_start({"nobody system kyc.abandon: provider_unavailable"}));
    begin();
    withdraw(who);
    look();
    EXPECT_EQ(trail(), after_start({"nobody system kyc.abandon: consent_withdrawn"}));
}

TEST_F(kyc_audit, of_other_papers) {
    with([&](service& s) -> task<void> { co_await accept_papers(s, first, who); });
    id = *uuid::parse(db.execute("select id from kyc_session"));
    EXPECT_EQ(trail(), (lines{"first admin kyc.accept_papers: seen with my eyes (first office)",
                              "first admin kyc.approve: seen with my eyes"}));
    by.four_eyes = true;
    who = person();
    with([&](service& s) -> task<void> { co_await accept_papers(s, first, who); });
    id = *uuid::parse(db.execute("select id from kyc_session order by id desc limit 1"));
    with([&](service& s) -> task<void> { co_await approve(s, second, id); });
    EXPECT_EQ(trail(), (lines{"first admin kyc.accept_papers: seen with my eyes (first office)",
                              "second admin kyc.staff_second: so have I (second office)",
                              "second admin kyc.approve: so have I"}));
}

}  // namespace
}  // namespace astrotalk::onboarding::kyc
