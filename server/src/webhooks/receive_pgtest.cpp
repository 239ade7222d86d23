#include <gtest/gtest.h>

#include "crypto/crypto.hpp"
#include "pg/testing.hpp"
#include "telemetry/metrics.hpp"
#include "webhooks/queries.hpp"
#include "webhooks/webhooks.hpp"

namespace astrotalk::webhooks {
namespace {

using namespace std::chrono_literals;
using pg::testing::database;

const crypto::keyring& keys() {
    static const crypto::keyring made(bytes(32, 7));
    return made;
}

service service_of(pg::client& c) {
    return {c, keys(), {{digio, secret("new"), secret("old")}, {{"closed", "x-sig", "", zone::utc}, {}, {}}}};
}

struct waiting_job {
    uuid id;
    bytes payload;
};
BOOST_DESCRIBE_STRUCT(waiting_job, (), (id, payload))
constexpr pg::statement read_job{"test.read_job", "select id, payload from outbox", 0};

// A delivery, through the route.
struct delivery {
    std::string body = R"({"id":"WHN1"})";
    std::string key = "new";
    std::string_view provider = "digio";
    std::string_view header = "x-digio-checksum";
};
task<int> deliver(service& s, delivery what) {
    const auto signature = crypto::hex(crypto::hmac_sha256(what.key, what.body));
    http::request in;
    in.method = http::verb::post;
    in.headers = {{what.header, signature}};
    in.body = what.body;
    http::exchange x{.in = in, .request_id = "r", .trace_parent = ""};
    x.path_values[0] = what.provider;
    const auto answer = co_await routes()[0].handle(s, x);
    co_return answer.status;
}
int deliver(const database& db, delivery what) {
    return pg::testing::run(db, [&](pg::client& c) -> task<int> {
        auto s = service_of(c);
        co_return co_await deliver(s, what);
    });
}

std::uint64_t counted(std::string_view outcome) {
    return telemetry::counter_of("astrotalk_webhook_events_total", "",
                                 {{"provider", "digio"}, {"outcome", outcome}})
        .value();
}

std::string rows(const database& db) {
    return db.execute("select (select count(*) from webhook_event) || ' ' || (select count(*) from outbox)");
}

TEST(webhooks, statements_fit_the_schema) {
    const database db;
    for (const auto& fault : pg::testing::prepare_all(db, sql::all)) ADD_FAILURE() << fault;
}

// What a provider should have masked and did not.
TEST(webhooks, of_an_aadhaar_number_in_an_event_four_digits_are_kept) {
    const database db;
    const delivery sent{.body = R"({"id":"WHN1","payload":{"kyc_request":{"id_number":"2341 2341 2346"}}})"};
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        auto s = service_of(c);
        EXPECT_EQ(co_await deliver(s, sent), 200);
        const auto id = uuid::parse(db.execute("select id from webhook_event"));
        const auto kept = co_await read_event(c, keys(), *id);
        EXPECT_EQ(kept->body, R"({"id":"WHN1","payload":{"kyc_request":{"id_number":"XXXXXXXX2346"}}})");
        EXPECT_EQ(co_await deliver(s, sent), 200);
    });
    EXPECT_EQ(rows(db), "1 1") << "and the same again is a repetition";
}

TEST(webhooks, an_event_is_stored_and_ordered_once_however_often_it_comes) {
    const database db;
    const auto stored = counted("stored"), repeats = counted("repeat");
    for (int i = 0; i < 5; ++i) EXPECT_EQ(deliver(db, {.key = i % 2 ? "old" : "new"}), 200);
    EXPECT_EQ(rows(db), "1 1");
    EXPECT_EQ(db.execute("select kind from outbox"), "webhook.digio");
    EXPECT_EQ(counted("stored") - stored, 1u);
    EXPECT_EQ(counted("repeat") - repeats, 4u);
}

TEST(webhooks, a_hundred_deliveries_at_once_are_one_event) {
    const database db;
    constexpr int threads = 10, each = 10;
    std::atomic<int> accepted{0};
    std::vector<std::thread> senders;
    for (int i = 0; i < threads; ++i)
        senders.emplace_back([&] {
            for (int n = 0; n < each; ++n) accepted += deliver(db, {}) == 200 ? 1 : 0;
        });
    for (auto& sender : senders) sender.join();
    EXPECT_EQ(accepted, threads * each);
    EXPECT_EQ(rows(db), "1 1");
}

// All of them in flight before any is stored.
task<void> deliver_into(service& s, delivery what, int& accepted, int& left, event& done) {
    accepted += co_await deliver(s, what) == 200 ? 1 : 0;
    if (--left == 0) done.set();
}
TEST(webhooks, a_hundred_parallel_deliveries_of_one_connection_are_one_event) {
    const database db;
    int accepted = 0;
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        auto s = service_of(c);
        event done;
        int left = 100;
        for (int i = 0; i < 100; ++i) spawn(deliver_into(s, {}, accepted, left, done));
        co_await done.wait_for(30s);
    });
    EXPECT_EQ(accepted, 100);
    EXPECT_EQ(rows(db), "1 1");
}

TEST(webhooks, another_body_under_one_id_is_kept_counted_and_not_acted_on) {
    const database db;
    const auto conflicts = counted("conflict");
    EXPECT_EQ(deliver(db, {}), 200);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(deliver(db, {.body = R"({"id":"WHN1","x":1})"}), 200);
    EXPECT_EQ(deliver(db, {.body = R"({"id":"WHN1","x":2})"}), 200);
    EXPECT_EQ(rows(db), "3 1");
    EXPECT_EQ(counted("conflict") - conflicts, 4u);
    EXPECT_EQ(db.execute("select count(*) from webhook_event e join webhook_event f "
                         "on f.id = e.conflicts_with where f.conflicts_with is null"),
              "2");
}

TEST(webhooks, what_is_not_signed_leaves_no_trace_but_a_count) {
    const database db;
    const auto bad = counted("bad_signature");
    EXPECT_EQ(deliver(db, {.key = "older"}), 401);
    EXPECT_EQ(deliver(db, {.header = "x-other"}), 401);
    EXPECT_EQ(counted("bad_signature") - bad, 2u);
    EXPECT_EQ(deliver(db, {.key = "", .provider = "closed", .header = "x-sig"}), 401);
    EXPECT_EQ(deliver(db, {.provider = "nobody"}), 404);
    EXPECT_EQ(deliver(db, {.body = std::string(256 * 1024 + 1, ' ')}), 413);
    EXPECT_EQ(rows(db), "0 0");
}

TEST(webhooks, an_event_of_the_far_future_is_marked_and_kept) {
    const database db;
    const auto ahead = counted("ahead");
    EXPECT_EQ(deliver(db, {.body = R"({"id":"1","created_at":4102444800})"}), 200);
    EXPECT_EQ(deliver(db, {.body = R"({"id":"2","created_at":1700000000})"}), 200);
    EXPECT_EQ(deliver(db, {.body = R"({"id":"3"})"}), 200);
    EXPECT_EQ(db.execute("select string_agg(event_id, '') from webhook_event where ahead"), "1");
    EXPECT_EQ(counted("ahead") - ahead, 1u);
    EXPECT_EQ(rows(db), "3 3");
}

TEST(webhooks, a_handler_reads_what_was_delivered_byte_by_byte) {
    const database db;
    const std::string body("{\"id\":\"WHN1\",\"x\":\"\xe0\xa4\x95\"}\n");
    EXPECT_EQ(deliver(db, {.body = body}), 200);
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        jobs::job work;
        const auto found = co_await c.read_one<waiting_job>(read_job);
        work.payload = *jobs::open_payload(keys(), found->id, found->payload);
        const auto event = co_await read_event(c, keys(), event_of(work));
        EXPECT_TRUE(event.has_value());
        if (event) EXPECT_EQ(event->body, body);
        if (event) EXPECT_EQ(event->event_id, "WHN1");
        EXPECT_FALSE(co_await read_event(c, keys(), uuid::v7()));
        bool refused = false;
        try {
            co_await read_event(c, crypto::keyring(bytes(32, 8)), event_of(work));
        } catch (const jobs::permanent_failure&) {
            refused = true;
        }
        EXPECT_TRUE(refused);
    });
}

TEST(webhooks, bodies_are_forgotten_after_a_month_and_keys_after_three) {
    const database db;
    EXPECT_EQ(deliver(db, {}), 200);
    EXPECT_EQ(deliver(db, {.body = R"({"id":"WHN1","x":1})"}), 200);
    const auto after = [&](const char* days) {
        db.execute("update webhook_event set received_at = app_now() - interval '" + std::string(days) + "'");
        pg::testing::run(db, [](pg::client& c) { return purge_events(c); });
        return db.execute("select count(*) || ' ' || count(body_sealed) from webhook_event");
    };
    EXPECT_EQ(after("29 days"), "2 2");
    EXPECT_EQ(after("31 days"), "2 0");
    EXPECT_EQ(deliver(db, {}), 200);
    EXPECT_EQ(after("89 days"), "2 0") << "a repeat is still known for one";
    EXPECT_EQ(after("91 days"), "0 0");
}

TEST(webhooks, bodies_are_sealed_anew) {
    const database db;
    crypto::keyring own(bytes(32, 7));
    EXPECT_EQ(deliver(db, {}), 200);
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        co_await jobs::add_data_key(c, own, 0s);
        co_await jobs::tail_data_keys(c, own);
        const auto done = co_await jobs::reseal(c, own, sealed_columns()[0]);
        EXPECT_EQ(done.changed, 1);
        EXPECT_EQ(done.unreadable, 0);
    });
}

}  // namespace
}  // namespace astrotalk::webhooks
