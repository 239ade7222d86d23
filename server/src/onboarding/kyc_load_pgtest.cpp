// Many open sessions and few questions: how much a claim reads, how many requests are in flight to Digio,
// that two nodes do not ask the same, and that what was due at once is not due at once again. A hundred
// thousand sessions in `./test --full`, else ten thousand. Counted, never timed.
#include <cstdlib>

#include "onboarding/kyc_testing.hpp"
#include "onboarding/queries.hpp"

namespace astrotalk::onboarding::kyc {
namespace {

using namespace std::chrono_literals;
using pg::testing::run;

int sessions() { return std::getenv("ASTROTALK_LONG_TESTS") != nullptr ? 100'000 : 10'000; }

constexpr int rounds = 30, batch = 20;  // of each node

// Everybody is at it still. Its requests are named after their sessions.
class busy_digio final : public provider {
  public:
    task<result<created_request, create_fault>> create(std::string, personal, personal) override {
        co_return create_fault::not_sent;
    }
    task<provider_answer> read(std::string kid) override {
        ++asked[kid];
        most_in_flight = std::max(most_in_flight, ++in_flight);
        co_await sleep_for(1ms);
        --in_flight;
        co_return provider_view{.kid = kid, .transaction_id = kid.substr(3)};
    }
    task<bool> approve(std::string) override { co_return false; }
    task<std::optional<page_token>> renew_token(std::string, personal) override { co_return std::nullopt; }
    secret page_url(const std::string&, const personal&, const page_token&) const override {
        return secret("");
    }
    const std::string& template_name() const override { return template_; }

    std::map<std::string, int> asked;
    int in_flight = 0, most_in_flight = 0;

  private:
    std::string template_ = "T";
};

// All of them due at once, as after a night without the poller; looked at five times, so that the pauses are
// those of an open session that goes on.
void fill(const pg::testing::database& db, int count) {
    const auto n = std::to_string(count);
    const std::string id = "('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid";
    db.execute(
        "insert into pool_user (id, phone_hash, phone_sealed, confirmed_at, user_type, kyc_status, "
        "profile_status) select " +
        id +
        ", n::text::bytea, '\\x00', app_now(), 'astrologer', 'in_progress', "
        "'pending' from generate_series(1, " +
        n +
        ") n; "
        "insert into astrologer (id, display_name, bio, languages, specializations, experience_years, city, "
        "status) select " +
        id +
        ", 'Asha', 'bio', '{hi}', '{vedic}', 3, 'Pune', 'draft' "
        "from generate_series(1, " +
        n +
        ") n; "
        "insert into consent_notice (purpose, version, language, hash, content, items) values "
        "('kyc', 1, 'en', sha256('{}'), '{}', '[]'); "
        "insert into consent (id, user_id, purpose, notice_version, language, notice_hash, items, channel) "
        "select " +
        id + ", " + id +
        ", 'kyc', 1, 'en', sha256('{}'), '[]', 'app' "
        "from generate_series(1, " +
        n +
        ") n; "
        "insert into kyc_session (id, user_id, consent_id, state, attempt, kid, checks, next_check_at, "
        "expires_at) select " +
        id + ", " + id + ", " + id + ", 'open', 1, 'KID' || " + id +
        ", 5, "
        "app_now() - interval '1 second', app_now() + interval '30 minutes' "
        "from generate_series(1, " +
        n +
        ") n; "
        "analyze");
}

// Buffers that the claim of a batch touches, and its plan; nothing of it stays.
std::string explain_claim(const pg::testing::database& db) {
    db.execute("vacuum kyc_session");  // the row versions that a claim left behind are not its cost
    return db.execute(
        "set enable_seqscan = off; set plan_cache_mode = force_generic_plan; begin; prepare p as " +
        std::string(sql::claim_kyc_checks.sql) + "; explain (analyze, buffers, format json) execute p(" +
        std::to_string(batch) + ", 60)");
}
// The plan's top node comes first, and its buffers are those of all below it.
int buffers_of(const std::string& plan) {
    const auto number_after = [&](std::string_view name) {
        const auto at = plan.find(name);
        return at == std::string::npos ? 0 : std::atoi(plan.c_str() + at + name.size());
    };
    return number_after("\"Shared Hit Blocks\":") + number_after("\"Shared Read Blocks\":");
}

TEST(kyc_load, a_claim_reads_by_its_index_however_many_wait) {
    pg::testing::database db;
    fill(db, sessions());
    const auto pages =
        std::stoi(db.execute("select pg_relation_size('kyc_session') / current_setting('block_size')::int"));
    const auto full = explain_claim(db);
    EXPECT_NE(full.find("kyc_session_due"), std::string::npos) << full;
    EXPECT_EQ(full.find("Seq Scan"), std::string::npos) << full;
    // Each row that is pushed forward is written with its entries in the indexes, some three pages deep.
    EXPECT_LT(buffers_of(full), batch * 60) << full;
    db.execute("update kyc_session set next_check_at = app_now() + interval '1 hour'");
    const auto idle = explain_claim(db);
    EXPECT_LT(buffers_of(idle), 20) << idle;
    RecordProperty("pages", pages);
    RecordProperty("buffers_of_20", buffers_of(full));
    RecordProperty("buffers_of_none", buffers_of(idle));
}

TEST(kyc_load, two_nodes_ask_twenty_at_a_time_and_nobody_twice_and_spread_them_out) {
    pg::testing::database db;
    fill(db, sessions());
    const crypto::keyring keys(bytes(32, 7));
    const policy by;
    busy_digio digio[2];
    run(db, [&](pg::client& one) -> task<void> {
        pg::client two(loop::current(), {.url = db.url()});
        pg::client* clients[] = {&one, &two};
        int left = 2;
        event done;
        const auto node = [](pg::client& pg, const crypto::keyring& k, busy_digio& d, const policy& p,
                             int& open, event& ended) -> task<void> {
            service s{pg, k, d, p};
            for (int i = 0; i < rounds; ++i) EXPECT_EQ(co_await poll(s), batch);
            if (--open == 0) ended.set();
        };
        for (int i = 0; i < 2; ++i) spawn(node(*clients[i], keys, digio[i], by, left, done));
        EXPECT_TRUE(co_await done.wait_for(300s));
        co_await two.close();
    });
    std::map<std::string, int> asked = digio[0].asked;
    for (const auto& [kid, times] : digio[1].asked) asked[kid] += times;
    EXPECT_EQ(asked.size(), 2U * rounds * batch);
    for (const auto& [kid, times] : asked) EXPECT_EQ(times, 1) << kid;
    for (const auto& each : digio) EXPECT_LE(each.most_in_flight, batch);
    // Two minutes give or take a half: a second of the two minutes that the pauses cover has its share of
    // them.
    const std::string of_asked = " from kyc_session where checks = 6";
    EXPECT_EQ(db.execute("select count(*)" + of_asked), std::to_string(2 * rounds * batch));
    EXPECT_EQ(db.execute("select count(*)" + of_asked + " and next_check_at <= app_now()"), "0");
    const int fullest = std::stoi(db.execute("select max(n) from (select count(*) n" + of_asked +
                                             " group by floor(extract(epoch from next_check_at) / 10)) x"));
    EXPECT_LT(fullest, 2 * rounds * batch / 6) << "within ten seconds";
    RecordProperty("fullest_ten_seconds", fullest);
}

}  // namespace
}  // namespace astrotalk::onboarding::kyc
