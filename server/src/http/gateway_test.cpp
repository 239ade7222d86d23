#include "http/gateway.hpp"

#include <gtest/gtest.h>

#include "core/loop.hpp"

namespace astrotalk::http {
namespace {

struct outage : std::exception {};

struct desk {
    int calls = 0;
    std::optional<idempotency_key> key{};
};

task<response> count(desk& self, exchange& x) {
    ++self.calls;
    self.key = x.idempotency;
    response r;
    r.body = x.path_values[0];
    co_return r;
}
task<response> break_down(desk&, exchange&) {
    throw std::runtime_error("the reason is nobody's business");
    co_return response{};
}
task<response> lose_database(desk&, exchange&) {
    throw outage();
    co_return response{};
}

constexpr route<desk> table[] = {
    {verb::get, "/open", access::anyone, count},
    {verb::get, "/things/{id}", access::signed_in, count},
    {verb::get, "/stars", access::astrologer, count},
    {verb::get, "/admin", access::admin, count},
    {verb::get, "/staff", access::support, count},
    {verb::post, "/enter", access::anyone, count},
    {verb::post, "/pay", access::signed_in, count, idempotent::required},
    {verb::get, "/broken", access::anyone, break_down},
    {verb::get, "/away", access::anyone, lose_database},
};

task<std::optional<principal>> know(std::string_view token) {
    if (token != "user" && token != "astrologer" && token != "support" && token != "admin" &&
        token != "admin by SMS")
        co_return std::nullopt;
    principal p;
    p.id = {uuid{{1}}};
    p.user_type = token == "astrologer" ? "astrologer" : "user";
    if (token == "support") p.groups = {"support"};
    if (token.starts_with("admin")) p.groups = {"admin"};
    p.second_factor = token == "admin" || token == "support";
    co_return p;
}

task<std::optional<rate_limiter::verdict>> answer_with(std::optional<rate_limiter::verdict> said) {
    co_return said;
}

class gateway_test : public testing::Test {
  protected:
    gateway_test() {
        routes_.mount(desk_, std::span<const route<desk>>(table));
        options_.allowed_origins = {"https://app.example"};
    }

    response ask(verb method, std::string_view path, std::string_view token = {},
                 std::vector<std::pair<std::string_view, std::string_view>> headers = {}) {
        if (!gateway_) {
            limits_.emplace(per_address_, per_user_);
            gateway_.emplace(routes_, *limits_, options_,
                             gateway_hooks{know, answer_outage, restate_, {}, take_shared_});
        }
        const std::string authorization = "Bearer " + std::string(token);
        request in;
        in.method = method;
        in.target = in.path = path;
        in.query = query_;
        in.headers = std::move(headers);
        if (!token.empty()) in.headers.emplace_back("authorization", authorization);
        in.peer = peer_;
        return loop_.run_until(gateway_->handle(in));
    }

    static std::optional<response> answer_outage(std::exception_ptr e) {
        try {
            std::rethrow_exception(e);
        } catch (const outage&) {
            return problem(503, "unavailable", "away");
        } catch (...) {
            return std::nullopt;
        }
    }

    static std::string header(const response& r, std::string_view name) {
        for (const auto& [key, value] : r.headers)
            if (key == name) return value;
        return {};
    }

    std::string peer_ = "10.0.0.1", query_;
    loop loop_;
    desk desk_;
    router routes_;
    rate per_address_{50, 200}, per_user_{20, 100};
    gateway_options options_;
    decltype(gateway_hooks::take_shared) take_shared_;
    decltype(gateway_hooks::restate) restate_;
    std::optional<rate_limits> limits_;
    std::optional<gateway> gateway_;
};

TEST_F(gateway_test, finds_a_route_or_says_what_there_is) {
    EXPECT_EQ(ask(verb::get, "/open").status, 200);
    EXPECT_EQ(ask(verb::get, "/nothing").status, 404);
    const auto wrong = ask(verb::post, "/open");
    EXPECT_EQ(wrong.status, 405);
    EXPECT_NE(header(wrong, "allow").find("GET"), std::string::npos);
}

TEST_F(gateway_test, asks_for_a_token_before_anything_else_of_a_route) {
    EXPECT_EQ(ask(verb::get, "/things/7").status, 401);
    EXPECT_EQ(ask(verb::get, "/things/7", "forged").status, 401);
    EXPECT_EQ(desk_.calls, 0);
    EXPECT_EQ(ask(verb::get, "/things/7", "user").body, "7");
}

TEST_F(gateway_test, lets_each_role_where_it_belongs) {
    EXPECT_EQ(ask(verb::get, "/stars", "user").status, 403);
    EXPECT_EQ(ask(verb::get, "/stars", "astrologer").status, 200);
    EXPECT_EQ(ask(verb::get, "/stars", "admin").status, 403);
    EXPECT_EQ(ask(verb::get, "/admin", "astrologer").status, 403);
    EXPECT_EQ(ask(verb::get, "/admin", "support").status, 403);
    EXPECT_EQ(ask(verb::get, "/admin", "admin").status, 200);
    EXPECT_EQ(ask(verb::get, "/staff", "user").status, 403);
    EXPECT_EQ(ask(verb::get, "/staff", "support").status, 200);
    EXPECT_EQ(ask(verb::get, "/staff", "admin").status, 200);
}

TEST_F(gateway_test, answers_staff_only_when_their_sign_in_passed_the_second_factor) {
    const auto refused = ask(verb::get, "/admin", "admin by SMS");
    EXPECT_EQ(refused.status, 403);
    EXPECT_NE(refused.body.find("second_factor_required"), std::string::npos);
    EXPECT_EQ(ask(verb::get, "/admin", "user").body.find("second_factor_required"), std::string::npos);
    EXPECT_EQ(ask(verb::get, "/things/7", "admin by SMS").status, 200);
}

TEST_F(gateway_test, an_operation_that_must_happen_once_needs_its_key) {
    EXPECT_EQ(ask(verb::post, "/pay", "user").status, 400);
    EXPECT_EQ(ask(verb::post, "/pay", "user", {{"idempotency-key", std::string(256, 'k')}}).status, 400);
    EXPECT_EQ(ask(verb::post, "/pay", "user", {{"idempotency-key", "a b"}}).status, 400);
    EXPECT_EQ(desk_.calls, 0);
    EXPECT_EQ(ask(verb::post, "/pay", "user", {{"idempotency-key", "k1"}}).status, 200);
    ASSERT_TRUE(desk_.key);
    EXPECT_EQ(desk_.key->key, "k1");
    EXPECT_EQ(desk_.key->fingerprint.size(), 32u);
}

TEST_F(gateway_test, an_address_that_asks_too_much_waits) {
    per_address_ = {1, 3};
    for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(verb::get, "/open").status, 200);
    const auto refused = ask(verb::get, "/open");
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(header(refused, "retry-after"), "1");
}

TEST_F(gateway_test, tells_how_much_is_left) {
    per_address_ = {2, 10};
    per_user_ = {1, 5};
    const auto open = ask(verb::get, "/open");
    EXPECT_EQ(header(open, "ratelimit-limit"), "10");
    EXPECT_EQ(header(open, "ratelimit-remaining"), "9");
    const auto mine = ask(verb::get, "/things/7", "user");
    EXPECT_EQ(header(mine, "ratelimit-limit"), "5");
    EXPECT_EQ(header(mine, "ratelimit-remaining"), "4");
    EXPECT_EQ(header(mine, "ratelimit-reset"), "2");
}

TEST_F(gateway_test, the_addresses_of_one_ipv6_network_share_their_rate) {
    per_address_ = {0.001, 1};
    for (const auto& [peer, status] :
         {std::pair{"2001:db8:1:2::1", 200}, std::pair{"2001:db8:1:2:ffff::9", 429},
          std::pair{"2001:db8:1:3::1", 200}, std::pair{"10.0.0.2", 200}}) {
        peer_ = peer;
        EXPECT_EQ(ask(verb::get, "/open").status, status) << peer;
    }
}

TEST_F(gateway_test, who_reads_too_fast_can_still_write_and_sign_in) {
    per_address_ = {0.001, 1};
    EXPECT_EQ(ask(verb::get, "/open").status, 200);
    EXPECT_EQ(ask(verb::get, "/things/7", "user").status, 429);
    EXPECT_EQ(ask(verb::post, "/enter").status, 200);
    EXPECT_EQ(ask(verb::post, "/enter").status, 429);
    EXPECT_EQ(ask(verb::post, "/pay", "user", {{"idempotency-key", "k1"}}).status, 200);
}

TEST_F(gateway_test, goes_by_the_shared_buckets_while_they_can_be_asked_and_by_its_own_otherwise) {
    per_address_ = {0.001, 1};
    std::optional<rate_limiter::verdict> shared = rate_limiter::verdict{true, 7, 0};
    std::vector<std::string> asked;
    take_shared_ = [&](std::string_view key, rate) -> task<std::optional<rate_limiter::verdict>> {
        asked.emplace_back(key);
        return answer_with(shared);
    };
    for (int i = 0; i < 3; ++i) EXPECT_EQ(header(ask(verb::get, "/open"), "ratelimit-remaining"), "7");
    shared = {false, 0, 9};
    const auto refused = ask(verb::get, "/open");
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(header(refused, "retry-after"), "9");
    shared.reset();
    EXPECT_EQ(ask(verb::get, "/open").status, 200);
    EXPECT_EQ(ask(verb::get, "/open").status, 429);
    EXPECT_EQ(asked.size(), 6u);
}

TEST_F(gateway_test, an_outage_is_503_and_a_fault_of_ours_tells_nothing) {
    EXPECT_EQ(ask(verb::get, "/away").status, 503);
    const auto fault = ask(verb::get, "/broken");
    EXPECT_EQ(fault.status, 500);
    EXPECT_EQ(fault.body.find("business"), std::string::npos);
    EXPECT_FALSE(header(fault, "x-request-id").empty());
}

TEST_F(gateway_test, only_listed_origins_are_let_in) {
    const auto listed = ask(verb::options, "/pay", {},
                            {{"origin", "https://app.example"}, {"access-control-request-method", "POST"}});
    EXPECT_EQ(listed.status, 204);
    EXPECT_EQ(header(listed, "access-control-allow-origin"), "https://app.example");
    const auto stranger =
        ask(verb::options, "/pay", {},
            {{"origin", "https://evil.example"}, {"access-control-request-method", "POST"}});
    EXPECT_EQ(header(stranger, "access-control-allow-origin"), "");
    EXPECT_EQ(header(stranger, "access-control-allow-headers"), "");
}

TEST_F(gateway_test, browsers_may_send_cookies_only_where_they_are_read_and_from_listed_origins) {
    options_.credentials_below = "/pay";
    const auto allows = [&](verb method, std::string_view path, std::string_view origin) {
        return header(ask(method, path, {}, {{"origin", origin}, {"access-control-request-method", "POST"}}),
                      "access-control-allow-credentials");
    };
    for (const auto method : {verb::options, verb::post}) {
        EXPECT_EQ(allows(method, "/pay", "https://app.example"), "true");
        EXPECT_EQ(allows(method, "/pay", "https://evil.example"), "");
        EXPECT_EQ(allows(method, "/open", "https://app.example"), "");
    }
}

TEST_F(gateway_test, below_the_objects_allowed_origins_may_send_any_header_and_read_the_etag) {
    options_.objects_below = "/things/";
    const auto asked = [&](std::string_view path, std::string_view origin) {
        return ask(verb::options, path, {},
                   {{"origin", origin},
                    {"access-control-request-method", "GET"},
                    {"access-control-request-headers", "x-amz-meta-a"}});
    };
    EXPECT_EQ(header(asked("/things/1", "https://app.example"), "access-control-allow-headers"),
              "x-amz-meta-a");
    EXPECT_EQ(header(asked("/things/1", "https://evil.example"), "access-control-allow-headers"), "");
    const auto elsewhere = header(asked("/open", "https://app.example"), "access-control-allow-headers");
    EXPECT_EQ(elsewhere.find("x-amz-meta-a"), std::string::npos);
    const auto exposed = [&](std::string_view path) {
        return header(ask(verb::get, path, "user", {{"origin", "https://app.example"}}),
                      "access-control-expose-headers");
    };
    EXPECT_NE(exposed("/things/1").find(", etag,"), std::string::npos);
    EXPECT_EQ(exposed("/open").find("etag"), std::string::npos);
}

// A filter that cannot be read would be one that was not sent: everything would be shown.
TEST_F(gateway_test, a_query_that_cannot_be_decoded_is_refused_as_a_whole) {
    options_.objects_below = "/broken";
    for (const auto* query : {"status=%zz", "a=1&b=%4", "%", "a=%ff", "a=%00", "a=\xff", "%zz=1"}) {
        query_ = query;
        const auto refused = ask(verb::get, "/open");
        EXPECT_EQ(refused.status, 400) << query;
        EXPECT_NE(refused.body.find("\"malformed_query\""), std::string::npos) << query;
        EXPECT_EQ(ask(verb::get, "/things/1", "user").status, 400) << query;
        EXPECT_EQ(ask(verb::get, "/nothing").status, 404) << query;
        EXPECT_EQ(ask(verb::get, "/broken").status, 500) << "what S3 says of its parameters is not ours";
    }
    EXPECT_EQ(desk_.calls, 0);
    for (const auto* query : {"", "a", "a=%E0%A4%95+b&&c=", "=", "a=1&a=2"}) {
        query_ = query;
        EXPECT_EQ(ask(verb::get, "/open").status, 200) << query;
    }
}

TEST_F(gateway_test, a_refusal_without_a_route_is_restated_by_its_path) {
    std::vector<std::string> asked;
    restate_ = [&](std::string_view route, response&) { asked.emplace_back(route); };
    ask(verb::patch, "/open");
    ask(verb::get, "/nothing");
    ask(verb::get, "/stars");
    EXPECT_EQ(asked, (std::vector<std::string>{"/open", "/nothing", "GET /stars"}));
}

}  // namespace
}  // namespace astrotalk::http
