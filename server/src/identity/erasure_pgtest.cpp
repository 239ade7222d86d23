// The end of an account, and what the law wants of it: each test that is named after a rule is the proof of
// that row in docs/privacy.md.
#include <thread>

#include "identity/law_pgtest.hpp"

namespace astrotalk::identity {
namespace {

using namespace testing;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

struct erasure : law_test {
    static task<std::string> erased(world& w, const signed_in& who) {
        co_return (co_await erase_account(w.people, caller_of(who), "r")).value();
    }
};

TEST_F(erasure, section_12_restricts_at_once_and_says_what_is_kept_why_and_until_when) {
    run([&](world& w) -> task<void> {
        const auto in = co_await somebody(w);
        const auto certificate = co_await erased(w, in);
        for (const auto* part :
             {R"("kind":"erasure")", R"("cause":"request")", R"("legalHold":false)", "identity.codes",
              "identity.account", "rule 8(3)", R"("until":")", "grievance@astrotalk.example", R"("hi":")"})
            EXPECT_TRUE(holds(certificate, part)) << part << " in " << certificate;
        EXPECT_EQ((co_await refresh(w.people, in.refresh_token, "r")).error(), error::token_revoked);
        EXPECT_FALSE(co_await find_with_profile(w.people, in.who.id));
    });
    EXPECT_EQ(value("select count(*) from pool_user where name_sealed is not null or city_sealed is not null "
                    "or language is not null or adult_declared_at is not null"),
              "0");
    EXPECT_EQ(
        value("select detail::json ->> 'sha256' = encode(sha256(convert_to(certificate, 'UTF8')), 'hex') "
              "from audit_pending, erasure where action = 'privacy.erase'"),
        "t");
}

TEST_F(erasure, rule_8_3_personal_data_is_kept_a_year_then_erased) {
    run([&](world& w) -> task<void> {
        const auto in = co_await somebody(w);
        co_await erased(w, in);
        const auto kept = co_await privacy::read_tombstone(w.people.pg, keys(), in.who.id, "a court asks");
        for (const auto& part : {a_phone(1).reveal(), std::string("Asha Rao"), std::string("Pune")})
            EXPECT_TRUE(holds(kept.value_or(""), part)) << part;
        {
            const moved_clock almost(days(364));
            EXPECT_FALSE(co_await privacy::run_purge(w.people.pg, keys(), privacy::register_in_use()));
            EXPECT_TRUE(co_await privacy::read_tombstone(w.people.pg, keys(), in.who.id, "still there"));
        }
        const moved_clock later(days(365) + minutes(1));
        const auto due = co_await privacy::preview_purge(w.people.pg, privacy::register_in_use());
        const auto line = std::ranges::find(due, "privacy.tombstone", &privacy::due_line::name);
        EXPECT_EQ(line->count, 1);
        const auto made = co_await privacy::run_purge(w.people.pg, keys(), privacy::register_in_use());
        EXPECT_TRUE(made && holds(made->content, R"("name":"privacy.tombstone","count":1)"));
        EXPECT_FALSE(co_await privacy::read_tombstone(w.people.pg, keys(), in.who.id, "gone"));
        EXPECT_TRUE((co_await privacy::find_certificate(w.people.pg, keys(), made->id))->genuine);
    });
    EXPECT_EQ(value("select string_agg(reason, ',' order by id) from audit_pending "
                    "where action = 'privacy.read_tombstone'"),
              "a court asks,still there");
    EXPECT_THROW(value("update certificate set content = '{}'"), std::runtime_error);
    EXPECT_THROW(value("update erasure set erase_after = restricted_at + interval '364 days'"),
                 std::runtime_error)
        << "the floor is the schema's";
}

TEST_F(erasure, rule_8_3_a_purge_below_the_floor_is_refused) {
    run([&](world& w) -> task<void> {
        co_await erased(w, co_await somebody(w));
        auto short_of_it = everything();
        short_of_it.days.log = 364;
        bool refused = false;
        try {
            co_await privacy::run_purge(w.people.pg, keys(), short_of_it);
        } catch (const std::logic_error&) {
            refused = true;
        }
        EXPECT_TRUE(refused);
    });
}

TEST_F(erasure, rule_8_3_traffic_data_is_kept_a_year_then_erased) {
    run([&](world& w) -> task<void> {
        co_await w.join(a_phone(1));
        const auto challenge = (co_await send_code(w.people, a_phone(1), code_purpose::sign_in)).value();
        const origin from{.address = "192.0.2.7", .device = "", .agent = "curl/7.88"};
        (co_await answer_code(w.people, main_client(w.people), a_phone(1), challenge, co_await w.last_code(),
                              "r", from))
            .value();
        {
            const moved_clock ended(days(32));
            co_await prune_sign_ins(w.people.pg);
            EXPECT_FALSE(co_await privacy::run_purge(w.people.pg, keys(), privacy::register_in_use()));
        }
        EXPECT_EQ(value("select count(*) from refresh_family"), "0") << "expired sessions are cleaned";
        EXPECT_EQ(value("select count(*) from past_session where seen_sealed is not null"), "1");
        {
            const moved_clock almost(days(30 + 364));
            EXPECT_FALSE(co_await privacy::run_purge(w.people.pg, keys(), privacy::register_in_use()));
        }
        const moved_clock later(days(30 + 366));
        EXPECT_TRUE(co_await privacy::run_purge(w.people.pg, keys(), privacy::register_in_use()));
    });
    EXPECT_EQ(value("select count(*) from past_session"), "0");
}

TEST_F(erasure, is_one_way_whoever_ends_the_account) {
    run([&](world& w) -> task<void> {
        co_await erased(w, co_await somebody(w, 1));
        const auto second = co_await somebody(w, 2);
        EXPECT_TRUE(co_await close_account(w.people, caller_of(second), "r"));
        const auto third = co_await somebody(w, 3);
        const administrator by{.access_key = "AKIA", .request_id = "r"};
        const auto deleted = co_await delete_user(w.people, {third.who.id, {}}, by);
        EXPECT_TRUE(deleted.has_value());
    });
    EXPECT_EQ(value("select string_agg(cause, ',' order by id) from erasure"),
              "request,delete_user,admin_delete");
    EXPECT_EQ(value("select count(*) from erasure where tombstone_sealed is not null"), "3");
}

TEST_F(erasure, is_refused_with_the_reason) {
    run([&](world& w) -> task<void> {
        const auto in = co_await somebody(w);
        const auto id = in.who.id.to_string();
        db.execute("update wallet set cash = 100 where owner_id = '" + id + "'");
        EXPECT_EQ((co_await erase_account(w.people, caller_of(in), "r")).error(), account_error::has_money);
        db.execute("update wallet set cash = 0 where owner_id = '" + id + "'");
        {
            const moved_clock later(minutes(11));
            EXPECT_EQ((co_await erase_account(w.people, caller_of(in), "r")).error(),
                      account_error::sign_in_again);
        }
        EXPECT_EQ(value("select count(*) from erasure"), "0");
        co_await erased(w, in);
        EXPECT_EQ((co_await erase_account(w.people, caller_of(in), "r")).error(), account_error::signed_out);
    });
}

// Whoever signs in while the account ends is out, too, and an account ends once.
TEST_F(erasure, asked_many_times_beside_sign_ins_ends_once_and_leaves_nobody_signed_in) {
    run([&](world& w) -> task<void> {
        const auto in = co_await somebody(w);
        const auto challenge = (co_await send_code(w.people, a_phone(1), code_purpose::sign_in)).value();
        const auto code = co_await w.last_code();
        auto step = [&](int i) -> task<bool> {
            if (i % 2 == 0) co_return (co_await erase_account(w.people, caller_of(in), "r")).has_value();
            co_await answer_code(w.people, a_phone(1), challenge, code, "r");
            co_return false;
        };
        const auto ended = co_await in_parallel<bool>(10, step);
        EXPECT_EQ(std::ranges::count(ended, true), 1);
    });
    EXPECT_EQ(value("select count(*) from refresh_family where revoked_at is null"), "0");
    EXPECT_EQ(value("select count(*) from erasure"), "1");
}

constexpr pg::statement fails{"test.fails",
                              "select 1 / (count(*) - count(*)) as x from pool_user where id = $1", 1};

TEST_F(erasure, that_crashes_in_the_middle_leaves_everything_and_then_ends_whole) {
    auto broken = everything();
    auto fault = broken.classes.front();
    fault.name = "test.fault";
    fault.read = nullptr;
    fault.erase = &fails;
    broken.classes.push_back(fault);
    run([&](world& w) -> task<void> {
        const auto in = co_await somebody(w);
        const auto before = value("select md5(string_agg(u::text, '')) from pool_user u");
        privacy::use_register(broken);
        bool crashed = false;
        try {
            co_await erase_account(w.people, caller_of(in), "r");
        } catch (const pg::error&) {
            crashed = true;
        }
        EXPECT_TRUE(crashed);
        EXPECT_EQ(value("select md5(string_agg(u::text, '')) from pool_user u"), before);
        EXPECT_EQ(value("select count(*) from refresh_family where revoked_at is null"), "1");
        privacy::use_register(everything());
        EXPECT_TRUE(co_await erase_account(w.people, caller_of(in), "r"));
    });
    EXPECT_EQ(value("select count(*) || ' ' || count(tombstone_sealed) from erasure"), "1 1");
}

}  // namespace
}  // namespace astrotalk::identity
