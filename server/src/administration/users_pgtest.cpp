#include <gtest/gtest.h>

#include "administration/administration.hpp"
#include "administration/queries.hpp"
#include "pg/testing.hpp"

namespace astrotalk::administration {
namespace {

namespace testing = pg::testing;

std::string hex_literal(const bytes& raw) {
    std::string out = "'\\x";
    for (const auto byte : raw) out += fmt::format("{:02x}", byte);
    return out + "'";
}

struct fixture {
    testing::database db;
    crypto::keyring keys{bytes(32, 7)};
    user_id admin = user_id::make();
    std::vector<user_id> users;

    fixture() {
        for (int i = 0; i < 5; ++i) {
            const auto id = user_id::make();
            const auto sealed = keys.seal("pool_user.phone", fmt::format("+91987654000{}", i),
                                          "pool_user.phone:" + id.to_string());
            db.execute(
                "insert into pool_user (id, phone_hash, phone_sealed, confirmed_at, user_type) values ('" +
                id.to_string() + "', '" + id.to_string() + "', " + hex_literal(sealed) +
                ", app_now(), 'user')");
            users.push_back(id);
        }
    }
    http::principal principal() const {
        http::principal who;
        who.id = admin;
        who.groups = {"admin"};
        return who;
    }
};

task<http::response> call(service& s, const fixture& made, std::string pattern, std::string query,
                          std::string id = {}, std::string body = {}) {
    http::request in;
    in.query = query;
    in.body = body;
    http::exchange x{in, "req-1", {}, made.principal(), {}, {}, {}};
    x.path_values[0] = id;
    for (const auto& row : routes())
        if (row.pattern == pattern) co_return co_await row.handle(s, x);
    throw std::logic_error("no such route");
}

TEST(administration_sql, fits_the_schema) {
    testing::database db;
    EXPECT_EQ(testing::prepare_all(db, sql::all), std::vector<std::string>{});
}

TEST(users, are_masked_and_the_read_is_audited) {
    fixture made;
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        service s{pg, made.keys};
        const auto first =
            co_await read_users(s, {made.admin, "support", "support call", "req-1"}, http::highest_id, 2);
        EXPECT_EQ(first.size(), 3u) << "one more says that there is more";
        EXPECT_EQ(first[0].id, made.users[4]) << "newest first";
        EXPECT_EQ(first[0].phone, "+91******0004");
        EXPECT_TRUE(first[0].confirmed);
    });
    EXPECT_EQ(made.db.execute("select count(*) from audit_pending"), "1");
    EXPECT_EQ(made.db.execute("select actor_id || ' ' || actor_role || ' ' || action || ' ' || reason || ' ' "
                              "|| request_id || ' ' || "
                              "(detail::json ->> 'count') from audit_pending"),
              made.admin.to_string() + " support admin.read_users support call req-1 2");
    EXPECT_EQ(made.db.execute("select detail::json -> 'ids' ->> 0 from audit_pending"),
              made.users[4].to_string());
}

TEST(users, are_not_shown_without_a_reason) {
    fixture made;
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        service s{pg, made.keys};
        for (const auto& query : {std::string(), std::string("reason="), "reason=" + std::string(201, 'x')}) {
            const auto refused = co_await call(s, made, "/v1/admin/users", query);
            EXPECT_EQ(refused.status, 422) << query;
            EXPECT_EQ(refused.body.find("+91"), std::string::npos);
        }
        const auto shown = co_await call(s, made, "/v1/admin/users", "reason=support%20call&limit=3");
        EXPECT_EQ(shown.status, 200);
        EXPECT_NE(shown.body.find("\"phone\":\"+91******0002\""), std::string::npos);
        EXPECT_EQ(shown.body.find("98765"), std::string::npos);
        EXPECT_NE(shown.body.find("\"next\":\"" + made.users[2].to_string() + "\""), std::string::npos);
    });
    EXPECT_EQ(made.db.execute("select count(*) from audit_pending"), "1");
}

TEST(bookings, are_audited_too) {
    fixture made;
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        service s{pg, made.keys};
        const auto shown = co_await call(s, made, "/v1/admin/bookings", "reason=dispute");
        EXPECT_EQ(shown.body, R"({"items":[]})");
    });
    EXPECT_EQ(made.db.execute("select action || ' ' || reason || detail from audit_pending"),
              R"(admin.read_bookings dispute{"count" : 0, "ids" : []})");
}

TEST(audit_trail, merges_sealed_and_unsealed_newest_first) {
    fixture made;
    for (int i = 1; i <= 4; ++i)
        made.db.execute(
            fmt::format("insert into audit_{0} (id, at, actor_role, action, subject_kind, detail{1}) values "
                        "('00000000-0000-7000-8000-00000000000{2}', app_now(), 'system', 'thing.done{2}', "
                        "'thing', '{{\"n\":{2}}}'{3})",
                        i <= 2 ? "log" : "pending", i <= 2 ? ", seq, hash" : "", i,
                        i <= 2 ? fmt::format(", {}, '{}'", i, std::string(32, 'h')) : ""));
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        service s{pg, made.keys};
        const auto all = co_await list_audit(s, http::highest_id, 10);
        EXPECT_EQ(all.size(), 4u);
        EXPECT_EQ(all.front().action, "thing.done4");
        EXPECT_FALSE(all.front().seq);
        EXPECT_EQ(all.back().seq, 1);
        const auto page =
            co_await call(s, made, "/v1/admin/audit", "limit=1&cursor=" + all[1].id.to_string());
        EXPECT_NE(page.body.find(R"("action":"thing.done2")"), std::string::npos);
        EXPECT_NE(page.body.find(R"("detail":{"n":2})"), std::string::npos);
        EXPECT_NE(page.body.find("\"next\":\"" + all[2].id.to_string() + "\""), std::string::npos);
    });
}

TEST(dead_letters, are_replayed_once_and_by_name) {
    fixture made;
    const auto dead = uuid::v7(), alive = uuid::v7();
    for (const auto& id : {dead, alive})
        made.db.execute("insert into outbox (id, kind, payload, attempts, last_error) values ('" +
                        id.to_string() + "', 'sms.send', 'sealed', 10, 'refused')");
    made.db.execute("update outbox set dead_at = app_now() where id = '" + dead.to_string() + "'");
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        service s{pg, made.keys};
        const auto listed = co_await call(s, made, "/v1/admin/dead-letters", "");
        EXPECT_NE(listed.body.find(dead.to_string()), std::string::npos);
        EXPECT_EQ(listed.body.find(alive.to_string()), std::string::npos);
        EXPECT_EQ(listed.body.find("sealed"), std::string::npos);

        const std::string replay = "/v1/admin/dead-letters/{id}/replay";
        EXPECT_EQ((co_await call(s, made, replay, "", dead.to_string())).status, 204);
        EXPECT_EQ((co_await call(s, made, replay, "", dead.to_string())).status, 404);
        EXPECT_EQ((co_await call(s, made, replay, "", alive.to_string())).status, 404);
        EXPECT_EQ((co_await call(s, made, replay, "", "nonsense")).status, 404);
    });
    EXPECT_EQ(made.db.execute("select attempts from outbox where dead_at is null and id = '" +
                              dead.to_string() + "'"),
              "0");
    EXPECT_EQ(made.db.execute("select action || subject_id from audit_pending"),
              "outbox.replay" + dead.to_string());
}

TEST(decisions, go_through_the_routes_with_a_reason) {
    fixture made;
    const auto id = made.users[0].to_string();
    made.db.execute(
        "insert into astrologer (id, display_name, bio, languages, specializations, experience_years, city, "
        "status, submitted_at) values ('" +
        id + "', 'Asha', 'bio', '{en}', '{tarot}', 3, 'Pune', 'pending', app_now())");
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        service s{pg, made.keys};
        const std::string approve = "/v1/admin/astrologers/{id}/approve";
        const auto waiting = co_await call(s, made, "/v1/admin/astrologers", "status=pending");
        EXPECT_NE(waiting.body.find(id), std::string::npos);
        EXPECT_EQ((co_await call(s, made, "/v1/admin/astrologers", "status=unknown")).status, 422);
        EXPECT_EQ((co_await call(s, made, approve, "", id, R"({"reason":" "})")).status, 422);
        EXPECT_EQ((co_await call(s, made, approve, "", id, R"({})")).status, 422);
        EXPECT_EQ((co_await call(s, made, approve, "", "x", R"({"reason":"fine"})")).status, 404);
        const auto early = co_await call(s, made, approve, "", id, R"({"reason":"fine"})");
        EXPECT_EQ(early.status, 409);
        EXPECT_NE(early.body.find("\"kyc_not_completed\""), std::string::npos);
        made.db.execute("update pool_user set kyc_status = 'completed' where id = '" + id + "'");
        EXPECT_EQ((co_await call(s, made, approve, "", id, R"({"reason":"fine"})")).status, 200);
        const auto again = co_await call(s, made, approve, "", id, R"({"reason":"fine"})");
        EXPECT_EQ(again.status, 409);
        EXPECT_NE(again.body.find("\"not_pending\""), std::string::npos);
    });
}

}  // namespace
}  // namespace astrotalk::administration
