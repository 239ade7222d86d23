#include <gtest/gtest.h>

#include "core/clock.hpp"
#include "crypto/crypto.hpp"
#include "http/json.hpp"
#include "jobs/jobs.hpp"
#include "pg/testing.hpp"
#include "privacy/audit.hpp"
#include "privacy/consent.hpp"

namespace astrotalk::privacy {
namespace {

using namespace std::chrono_literals;
using pg::testing::database;

const crypto::keyring& keys() {
    static const crypto::keyring made(bytes(32, 7));
    return made;
}

// A database with the notices and one user.
struct house : database {
    house() : whose(user_id::make()) {
        execute("insert into pool_user (id, phone_hash, phone_sealed, user_type, confirmed_at) values ('" +
                whose.to_string() + "', sha256('" + whose.to_string() + "'), '', 'astrologer', app_now())");
        pg::testing::run(*this, [](pg::client& c) { return store_notices(c, notices("a@b.example")); });
    }
    consenter who() const {
        return {.id = whose,
                .purpose = "kyc",
                .channel = "app",
                .address = personal("203.0.113.7"),
                .user_agent = personal("okhttp/4"),
                .request_id = "r"};
    }
    // What is shown now.
    seen_notice seen(const std::string& language = "en") const {
        return pg::testing::run(*this, [&](pg::client& c) -> task<seen_notice> {
            service s{c, keys()};
            const auto now = co_await read_notice(s, "kyc", language, std::nullopt);
            co_return seen_notice{now->version, language, now->hash};
        });
    }
    result<consent, consent_error> give(seen_notice what) const {
        return pg::testing::run(*this, [&](pg::client& c) -> task<result<consent, consent_error>> {
            service s{c, keys()};
            co_return co_await give_consent(s, who(), what);
        });
    }
    bool withdraw() const {
        return pg::testing::run(*this, [&](pg::client& c) -> task<bool> {
            service s{c, keys()};
            co_return co_await withdraw_consent(s, who());
        });
    }
    std::string active() const {
        return execute("select count(*) from consent where purpose = 'kyc' and withdrawn_at is null");
    }

    const user_id whose;
};

TEST(notices, are_stored_once_and_a_changed_text_is_the_next_version) {
    const house h;
    const auto first = h.seen();
    EXPECT_EQ(first.version, 1);
    pg::testing::run(h, [](pg::client& c) -> task<void> {
        co_await store_notices(c, notices("a@b.example"));
        co_await store_notices(c, notices("other@b.example"));
        co_await store_notices(c, notices("other@b.example"));
    });
    EXPECT_EQ(h.seen().version, 2);
    EXPECT_NE(h.seen().hash, first.hash);
    EXPECT_EQ(h.execute("select string_agg(version || language, ' ' order by version, language) "
                        "from consent_notice"),
              "1en 1hi 2en 2hi");
}

TEST(notices, nodes_that_start_at_once_store_one_version) {
    const database db;
    std::vector<std::thread> nodes;
    for (int i = 0; i < 6; ++i)
        nodes.emplace_back([&db] {
            pg::testing::run(db, [](pg::client& c) { return store_notices(c, notices("a@b.example")); });
        });
    for (auto& each : nodes) each.join();
    EXPECT_EQ(db.execute("select count(*) || ' ' || max(version) from consent_notice"), "2 1");
}

// Act s.5, Rule 3: what was shown, in which version and language, with the items, when and how.
TEST(law, a_consent_records_the_notice_its_items_and_the_way_it_was_given) {
    const house h;
    const auto seen = h.seen("hi");
    const auto given = h.give(seen);
    ASSERT_TRUE(given);
    EXPECT_EQ(given->language, "hi");
    EXPECT_EQ(given->notice_version, 1);
    EXPECT_EQ(given->notice_hash, seen.hash);
    const auto items = http::from_json<std::vector<notice_item>>(given->items);
    ASSERT_TRUE(items);
    EXPECT_EQ(items->size(), 7u);
    EXPECT_EQ(given->channel, "app");
    const auto sealed =
        crypto::unhex(h.execute("select encode(origin_sealed, 'hex') from consent")).value_or(bytes());
    EXPECT_EQ(keys().open("consent.origin", sealed, "consent.origin:" + given->id.to_string()),
              R"({"address":"203.0.113.7","userAgent":"okhttp/4"})");
    EXPECT_EQ(h.execute("select action || ' ' || (detail::json ->> 'version') from audit_pending"),
              "consent.give 1");
}

TEST(consent, to_what_is_no_longer_asked_for_is_refused) {
    const house h;
    auto seen = h.seen();
    auto forged = seen;
    forged.hash[0] ^= 1;
    EXPECT_EQ(h.give(forged).error(), consent_error::notice_changed);
    pg::testing::run(h, [](pg::client& c) { return store_notices(c, notices("other@b.example")); });
    EXPECT_EQ(h.give(seen).error(), consent_error::notice_changed);
    EXPECT_EQ(h.execute("select count(*) from consent"), "0");
    EXPECT_EQ(h.execute("select count(*) from audit_pending"), "0");
}

TEST(consent, given_again_is_the_same_one_and_to_a_new_version_another) {
    const house h;
    const auto first = h.give(h.seen());
    EXPECT_EQ(h.give(h.seen())->id, first->id);
    EXPECT_EQ(h.give(h.seen("hi"))->id, first->id) << "all languages say the same";
    pg::testing::run(h, [](pg::client& c) { return store_notices(c, notices("other@b.example")); });
    const auto second = h.give(h.seen());
    ASSERT_TRUE(second);
    EXPECT_NE(second->id, first->id);
    EXPECT_EQ(h.active(), "1");
    EXPECT_EQ(h.execute("select detail::json ->> 'replaces' from audit_pending order by id desc limit 1"),
              first->id.to_string());
    EXPECT_EQ(h.execute("select count(*) from outbox"), "0") << "nothing was withdrawn";
}

// Act s.6(4): one call each way, no more; s.6(6): and processing ceases.
TEST(law, withdrawing_takes_one_call_as_giving_does_and_sets_off_what_must_stop) {
    const house h;
    ASSERT_TRUE(h.give(h.seen()));
    EXPECT_TRUE(h.withdraw());
    EXPECT_FALSE(h.withdraw()) << "and does nothing when there is nothing to withdraw";
    EXPECT_EQ(h.active(), "0");
    EXPECT_EQ(h.execute("select string_agg(kind, ' ') from outbox"), "consent.withdrawn");
    const auto job = *uuid::parse(h.execute("select id from outbox"));
    const auto payload =
        crypto::unhex(h.execute("select encode(payload, 'hex') from outbox")).value_or(bytes());
    EXPECT_EQ(jobs::open_payload(keys(), job, payload),
              R"({"userId":")" + h.whose.to_string() + R"(","purpose":"kyc"})");
    ASSERT_TRUE(h.give(h.seen())) << "and may be given again";
    EXPECT_EQ(h.execute("select count(*) from consent"), "2");
    EXPECT_EQ(h.execute("select string_agg(action, ' ' order by id) from audit_pending"),
              "consent.give consent.withdraw consent.give");
}

// Act s.6(10): whoever processes must prove it.
TEST(law, a_consent_cannot_be_changed_and_its_trace_shows_what_was_changed_past_the_trigger) {
    const house h;
    ASSERT_TRUE(h.give(h.seen()));
    for (const auto* sql :
         {"update consent set language = 'hi'", "update consent set given_at = given_at - interval '1 day'",
          "update consent set items = '[]'", "update consent set channel = 'support'", "delete from consent",
          "truncate consent", "update consent_notice set items = '[]'", "delete from consent_notice",
          "truncate consent_notice cascade"})
        EXPECT_THROW(h.execute(sql), std::runtime_error) << sql;
    EXPECT_TRUE(h.withdraw());
    for (const auto* sql :
         {"update consent set withdrawn_at = null, withdrawn_channel = null",
          "update consent set withdrawn_at = withdrawn_at + interval '1 second'", "delete from consent"})
        EXPECT_THROW(h.execute(sql), std::runtime_error) << sql;
    pg::testing::run(h, [](pg::client& c) -> task<void> { co_await seal_audit(c); });
    h.execute(
        "alter table audit_log disable trigger audit_log_append_only;"
        "update audit_log set detail = replace(detail, '\"version\" : 1', '\"version\" : 9');"
        "alter table audit_log enable trigger audit_log_append_only");
    const auto report = pg::testing::run(h, [](pg::client& c) { return verify_audit(c); });
    EXPECT_FALSE(report.sound());
    EXPECT_EQ(report.first_broken, 1);
}

TEST(consent, goes_a_year_after_its_end_and_not_before) {
    const house h;
    ASSERT_TRUE(h.give(h.seen()));
    EXPECT_TRUE(h.withdraw());
    const std::string forget = "set astrotalk.clock_offset = '366 days'; delete from consent";
    EXPECT_THROW(h.execute("set astrotalk.clock_offset = '364 days'; delete from consent"),
                 std::runtime_error);
    h.execute(forget);
    EXPECT_EQ(h.execute("select count(*) from consent"), "0");
}

TEST(consent, ends_with_its_account) {
    const house h;
    ASSERT_TRUE(h.give(h.seen()));
    h.execute("update pool_user set enabled = false, deleted_at = app_now(), groups = '{}'");
    EXPECT_EQ(h.execute("select withdrawn_channel from consent"), "account_closed");
}

TEST(consent, given_and_withdrawn_at_once_by_many_leaves_one_active_at_most) {
    const house h;
    const auto seen = h.seen();
    std::vector<std::thread> people;
    std::atomic<int> given{0}, withdrawn{0};
    for (int i = 0; i < 8; ++i)
        people.emplace_back([&, i] {
            pg::testing::run(h, [&](pg::client& c) -> task<void> {
                service s{c, keys()};
                for (int n = 0; n < 20; ++n) {
                    if (i % 2 == 0)
                        given += (co_await give_consent(s, h.who(), seen)).has_value() ? 1 : 0;
                    else
                        withdrawn += co_await withdraw_consent(s, h.who()) ? 1 : 0;
                }
            });
        });
    for (auto& each : people) each.join();
    EXPECT_EQ(given, 80);
    EXPECT_EQ(h.execute("select count(*) from consent where withdrawn_at is not null"),
              std::to_string(withdrawn.load()));
    EXPECT_EQ(h.execute("select count(*) from outbox"), std::to_string(withdrawn.load()));
    EXPECT_LE(std::stoi(h.active()), 1);
    EXPECT_EQ(h.execute("select count(*) from audit_pending where action = 'consent.give'"),
              h.execute("select count(*) from consent"));
}

TEST(consent, its_origin_is_sealed_anew_and_history_is_paged) {
    const house h;
    crypto::keyring own(bytes(32, 7));
    pg::testing::run(h, [&](pg::client& c) -> task<void> {
        service s{c, own};
        for (int i = 0; i < 5; ++i) {
            EXPECT_TRUE((co_await give_consent(s, h.who(), h.seen())).has_value());
            EXPECT_TRUE(co_await withdraw_consent(s, h.who()));
        }
        const auto page = co_await list_consents(s, h.whose, uuid{{0xff}}, 3);
        EXPECT_EQ(page.size(), 4u);
        EXPECT_GT(page[0].id, page[1].id);
        co_await jobs::add_data_key(c, own, 0s);
        co_await jobs::tail_data_keys(c, own);
        const auto done = co_await jobs::reseal(c, own, sealed_columns()[0]);
        EXPECT_EQ(done.changed, 5);
        EXPECT_EQ(done.unreadable, 0);
    });
}

}  // namespace
}  // namespace astrotalk::privacy
