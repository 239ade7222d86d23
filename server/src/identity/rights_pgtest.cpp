// Copies of one's data, legal holds, and purges that race: with people who exist.
#include <thread>

#include "identity/law_pgtest.hpp"

namespace astrotalk::privacy {

[[noreturn]] inline void throw_exception_from_error(const export_refusal& why,
                                                    const boost::source_location&) {
    throw std::logic_error(fmt::format("refused: {}", static_cast<int>(why.why)));
}

}  // namespace astrotalk::privacy

namespace astrotalk::identity {
namespace {

using namespace testing;
using privacy::export_error;
using std::chrono::days;
using std::chrono::minutes;

struct rights : law_test {
    privacy::request_service requests(world& w) { return {w.people.pg, keys()}; }
    privacy::data_officer officer() const { return {user_id::make(), "admin", "a court order", "r"}; }
};

TEST_F(rights, section_11_a_copy_has_everything_and_who_it_was_shared_with) {
    run([&](world& w) -> task<void> {
        const auto in = co_await somebody(w);
        auto s = requests(w);
        const auto asked = (co_await privacy::ask_export(s, caller_of(in), "r")).value();
        EXPECT_EQ((co_await privacy::take_export(s, caller_of(in), asked.id, "r"))->state, "waiting");
        co_await privacy::build_export(w.people.pg, keys(), known, asked.id);
        co_await privacy::build_export(w.people.pg, keys(), known, asked.id);
        const auto made = co_await privacy::take_export(s, caller_of(in), asked.id, "r");
        const std::string document = made->document.value_or(personal()).reveal();
        for (const auto& part : {a_phone(1).reveal(), std::string("Asha Rao"), std::string("Pune"),
                                 std::string("identity.sessions"), std::string("Amazon Web Services"),
                                 std::string("grievance@astrotalk.example"), std::string("rule 8(3)"),
                                 std::string("आपका"), std::string("user.sign_up")})
            EXPECT_TRUE(holds(document, part)) << part << " in " << document;
        const auto other = co_await somebody(w, 2);
        EXPECT_FALSE(co_await privacy::take_export(s, caller_of(other), asked.id, "r"));
        EXPECT_FALSE(holds(document, a_phone(2).reveal()));
        {
            const moved_clock over(days(7) + minutes(1));
            EXPECT_FALSE(co_await privacy::take_export(s, caller_of(in), asked.id, "r"));
            EXPECT_TRUE(co_await privacy::run_purge(w.people.pg, keys(), known));
        }
    });
    EXPECT_EQ(value("select state || (document_sealed is null) from data_export"), "removedtrue");
    EXPECT_EQ(value("select string_agg(action, ' ' order by id) from audit_pending where subject_kind = "
                    "'data_export'"),
              "privacy.ask_export privacy.build_export privacy.read_export");
    EXPECT_EQ(value("select count(*) from audit_pending where action = 'privacy.purge'"), "1");
}

TEST_F(rights, a_copy_takes_a_fresh_sign_in_one_at_a_time_and_three_a_day) {
    run([&](world& w) -> task<void> {
        const auto in = co_await somebody(w);
        auto s = requests(w);
        auto ask = [&](int) -> task<bool> {
            co_return (co_await privacy::ask_export(s, caller_of(in), "r")).has_value();
        };
        for (int i = 0; i < 3; ++i) {
            const auto made = co_await in_parallel<bool>(8, ask);
            EXPECT_EQ(std::ranges::count(made, true), 1);
            EXPECT_EQ((co_await privacy::ask_export(s, caller_of(in), "r")).error().why,
                      i < 2 ? export_error::in_progress : export_error::too_many);
            db.execute("update data_export set state = 'removed'");
        }
        const auto refused = (co_await privacy::ask_export(s, caller_of(in), "r")).error();
        EXPECT_EQ(refused.why, export_error::too_many);
        EXPECT_GT(refused.wait_seconds, 86'000);
        const moved_clock later(minutes(11));
        EXPECT_EQ((co_await privacy::ask_export(s, caller_of(in), "r")).error().why,
                  export_error::sign_in_again);
    });
    EXPECT_EQ(value("select count(*) from outbox where kind = 'privacy.export'"), "3");
}

constexpr pg::statement fails{"test.fails",
                              "select 1 / (count(*) - count(*)) as x from pool_user where id = $1", 1};

TEST_F(rights, a_copy_that_crashes_in_the_middle_waits_on_and_is_then_whole) {
    run([&](world& w) -> task<void> {
        const auto in = co_await somebody(w);
        auto s = requests(w);
        const auto asked = (co_await privacy::ask_export(s, caller_of(in), "r")).value();
        auto broken = known;
        broken.classes.back().read = &fails;
        bool crashed = false;
        try {
            co_await privacy::build_export(w.people.pg, keys(), broken, asked.id);
        } catch (const pg::error&) {
            crashed = true;
        }
        EXPECT_TRUE(crashed);
        EXPECT_EQ((co_await privacy::take_export(s, caller_of(in), asked.id, "r"))->state, "waiting");
        co_await privacy::build_export(w.people.pg, keys(), known, asked.id);
        EXPECT_EQ((co_await privacy::take_export(s, caller_of(in), asked.id, "r"))->state, "ready");
    });
}

TEST_F(rights, a_copy_does_not_outlive_the_account) {
    run([&](world& w) -> task<void> {
        const auto in = co_await somebody(w);
        auto s = requests(w);
        const auto asked = (co_await privacy::ask_export(s, caller_of(in), "r")).value();
        EXPECT_TRUE(co_await erase_account(w.people, caller_of(in), "r"));
        co_await privacy::build_export(w.people.pg, keys(), known, asked.id);
        EXPECT_FALSE(co_await privacy::take_export(s, caller_of(in), asked.id, "r"));
    });
    EXPECT_EQ(value("select state from data_export"), "removed");
}

TEST_F(rights, section_8_7_a_legal_hold_keeps_what_would_go_and_the_certificates_say_so) {
    run([&](world& w) -> task<void> {
        auto s = requests(w);
        const auto held = co_await somebody(w, 1), other = co_await somebody(w, 2);
        const auto hold = co_await privacy::set_hold(s, officer(), held.who.id);
        EXPECT_FALSE(co_await privacy::set_hold(s, officer(), user_id::make())) << "of nobody";
        const auto certificate = (co_await erase_account(w.people, caller_of(held), "r")).value();
        EXPECT_TRUE(holds(certificate, R"("legalHold":true)"));
        EXPECT_TRUE(co_await erase_account(w.people, caller_of(other), "r"));
        const moved_clock later(days(366));
        auto made = co_await privacy::run_purge(w.people.pg, keys(), known);
        EXPECT_TRUE(made && holds(made->content, R"("name":"privacy.tombstone","count":1)"));
        EXPECT_TRUE(holds(made->content, R"("held":1)")) << made->content;
        EXPECT_TRUE(co_await privacy::read_tombstone(w.people.pg, keys(), held.who.id, "the court"));
        EXPECT_TRUE(co_await privacy::lift_hold(s, officer(), hold->id));
        EXPECT_FALSE(co_await privacy::lift_hold(s, officer(), hold->id)) << "once";
        made = co_await privacy::run_purge(w.people.pg, keys(), known);
        EXPECT_TRUE(made && holds(made->content, R"("name":"privacy.tombstone","count":1)"));
        EXPECT_FALSE(co_await privacy::read_tombstone(w.people.pg, keys(), held.who.id, "gone"));
    });
    EXPECT_EQ(value("select string_agg(action || ':' || reason, ' ' order by id) from audit_pending "
                    "where action like 'privacy.%hold'"),
              "privacy.set_hold:a court order privacy.lift_hold:a court order");
}

// Past sessions of many people, long over.
void fill(const pg::testing::database& db, const user_id& whose, int rows) {
    db.execute(
        fmt::format("insert into past_session (id, user_id, client_id, began_at, ended_at) "
                    "select gen_random_uuid(), '{}', 'c', app_now() - interval '900 days', "
                    "app_now() - interval '800 days' from generate_series(1, {})",
                    whose.to_string(), rows));
}

TEST_F(rights, two_purges_at_once_take_everything_once_and_certify_it_once) {
    user_id id;
    run([&](world& w) -> task<void> { id = co_await w.join(a_phone(1)); });
    fill(db, id, 2500);
    std::vector<std::thread> purges;
    for (int i = 0; i < 3; ++i)
        purges.emplace_back([&] {
            pg::testing::run(
                db, [&](pg::client& c) -> task<void> { co_await privacy::run_purge(c, keys(), known); });
        });
    for (auto& each : purges) each.join();
    EXPECT_EQ(value("select count(*) from past_session"), "0");
    EXPECT_EQ(value("select sum(rows_gone) from purge_line where certificate_id is not null"), "2500");
    EXPECT_EQ(value("select sum((c ->> 'count')::int) from certificate p, "
                    "json_array_elements(p.content::json -> 'classes') c"),
              "2500");
}

TEST_F(rights, a_purge_that_crashes_between_batches_is_certified_by_the_next) {
    user_id id;
    run([&](world& w) -> task<void> { id = co_await w.join(a_phone(1)); });
    fill(db, id, 300);
    constexpr pg::statement crash{"test.crash",
                                  "select (1 / (length($1::text) - length($1::text)))::text as id, "
                                  "$1::timestamptz as at limit $2",
                                  2};
    auto broken = known;
    broken.classes.back().purge = &crash;
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        bool crashed = false;
        try {
            co_await privacy::run_purge(c, keys(), broken);
        } catch (const pg::error&) {
            crashed = true;
        }
        EXPECT_TRUE(crashed);
        EXPECT_EQ(value("select count(*) from past_session"), "0");
        const auto made = co_await privacy::run_purge(c, keys(), known);
        EXPECT_TRUE(made && holds(made->content, R"("name":"identity.sessions","count":300)"));
        EXPECT_FALSE(co_await privacy::run_purge(c, keys(), known)) << "once";
    });
}

// A hold that is set while a purge runs: what there is when it returns, stays.
TEST_F(rights, what_a_hold_found_stays_however_it_races_with_a_purge) {
    user_id id;
    run([&](world& w) -> task<void> { id = co_await w.join(a_phone(1)); });
    fill(db, id, 6000);
    std::string there;
    std::thread purging([&] {
        pg::testing::run(db,
                         [&](pg::client& c) -> task<void> { co_await privacy::run_purge(c, keys(), known); });
    });
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        while (value("select count(*) from purge_line") == "0")
            co_await sleep_for(std::chrono::milliseconds(1));
        privacy::request_service s{c, keys()};
        EXPECT_TRUE(co_await privacy::set_hold(s, officer(), id));
        there = value("select count(*) from past_session");
    });
    purging.join();
    EXPECT_NE(there, "0");
    EXPECT_EQ(value("select count(*) from past_session"), there);
    EXPECT_EQ(value("select 6000 - sum(rows_gone) from purge_line"), there);
}

}  // namespace
}  // namespace astrotalk::identity
