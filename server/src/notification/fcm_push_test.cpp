#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>

#include "core/json_text.hpp"
#include "crypto/crypto.hpp"
#include "http/testing_server.hpp"
#include "jobs/jobs.hpp"
#include "notification/push.hpp"

namespace astrotalk::notification {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

const crypto::rsa_key& key() {
    static const auto made = crypto::rsa_key::generate();
    return made;
}

std::string credentials(const std::string& token_uri = "https://oauth2.example/token") {
    std::string pem;
    append_json_string(pem, key().to_pem().reveal());
    return R"({"type":"service_account","project_id":"astro-1","private_key_id":"k1","private_key":)" + pem +
           R"(,"client_email":"push@astro-1.example","token_uri":")" + token_uri + R"(","client_id":"7"})";
}

json::object part_of(const std::string& jwt, int index) {
    std::string rest = jwt;
    for (int i = 0; i < index; ++i) rest = rest.substr(rest.find('.') + 1);
    return json::parse(crypto::to_text(*crypto::base64url_decode(rest.substr(0, rest.find('.')))))
        .as_object();
}

TEST(service_account, is_read_from_googles_file_and_faults_are_named) {
    const auto who = service_account::parse(credentials());
    EXPECT_EQ(who.project_id, "astro-1");
    EXPECT_EQ(who.client_email, "push@astro-1.example");
    for (const auto& [from, to, said] :
         {std::tuple{"\"project_id\"", "\"x\"", "project_id"},
          std::tuple{"service_account", "user", "service"}, std::tuple{"BEGIN", "BEGUN", "private key"}}) {
        auto text = credentials();
        text.replace(text.find(from), std::strlen(from), to);
        try {
            service_account::parse(text);
            ADD_FAILURE() << to;
        } catch (const std::runtime_error& e) {
            EXPECT_NE(std::string(e.what()).find(said), std::string::npos) << e.what();
        }
    }
    EXPECT_THROW(service_account::parse("[]"), std::runtime_error);
    EXPECT_THROW(service_account::parse("no"), std::runtime_error);
}

// RFC 7523 §2.1 and developers.google.com/identity/protocols/oauth2/service-account.
TEST(service_account, asserts_who_it_is_for_an_hour) {
    const auto who = service_account::parse(credentials());
    const auto jwt = token_assertion(who, who.token_uri, 1'700'000'000);
    const auto header = part_of(jwt, 0), claims = part_of(jwt, 1);
    EXPECT_EQ(json::serialize(header), R"({"alg":"RS256","typ":"JWT","kid":"k1"})");
    EXPECT_EQ(claims.at("iss"), "push@astro-1.example");
    EXPECT_EQ(claims.at("scope"), "https://www.googleapis.com/auth/firebase.messaging");
    EXPECT_EQ(claims.at("aud"), "https://oauth2.example/token");
    EXPECT_EQ(claims.at("iat"), 1'700'000'000);
    EXPECT_EQ(claims.at("exp"), 1'700'003'600);
    const auto dot = jwt.rfind('.');
    const auto signature = *crypto::base64url_decode(jwt.substr(dot + 1));
    EXPECT_TRUE(key().public_key().verify_rs256(jwt.substr(0, dot), signature));
}

// Google as far as the test says.
struct fcm_test : testing::Test {
    std::atomic<int> tokens{0}, messages{0}, expires_in{3600}, token_status{200};
    std::atomic<int> status{200};
    std::string answer = "{}", retry_after, body, form, path;
    std::string accepted = "token-1";  // the access token that is good; empty: every one
    http::testing_server server{{.port = 0}, [this](http::request& in, std::size_t) { return take(in); }};
    http::client out;
    thread_pool signing{1, 16};

    task<http::response> take(http::request& in) {
        http::response r;
        if (in.path == "/token") {
            form = in.body;
            r.status = token_status;
            r.body = fmt::format(R"({{"access_token":"token-{}","expires_in":{},"token_type":"Bearer"}})",
                                 ++tokens, expires_in.load());
            co_await sleep_for(20ms);
            co_return r;
        }
        ++messages;
        path = in.path;
        body = in.body;
        const bool good = accepted.empty() || in.header("authorization") == "Bearer " + accepted;
        r.status = good ? status.load() : 401;
        r.body = good ? answer : R"({"error":{"status":"UNAUTHENTICATED"}})";
        if (!retry_after.empty()) r.headers.emplace_back("retry-after", retry_after);
        co_return r;
    }
    fcm_push push() {
        const auto base = fmt::format("http://127.0.0.1:{}", server.port());
        return {out, signing, service_account::parse(credentials()), {base + "/", base + "/token"}};
    }
    static push_message message() {
        return {secret("device \"token\""), "AstroTalk", "कुछ हुआ", "kyc.approved", "n-1"};
    }
    // "sent", or how it was refused.
    static task<std::string> send(push_sender& by) {
        try {
            co_await by.send(message());
            co_return "sent";
        } catch (const push_refused& e) {
            co_return fmt::format("{} {}", e.device_gone ? "gone" : "refused", e.what());
        } catch (const jobs::retry_later& e) {
            co_return fmt::format("later {} {}", e.after / 1s, e.what());
        } catch (const std::exception& e) {
            co_return fmt::format("failed {}", e.what());
        }
    }
    std::string send_one() {
        loop on;
        auto by = push();
        return on.run_until(send(by));
    }
    void refuse_with(int code, const std::string& word) {
        status = code;
        answer = fmt::format(
            R"({{"error":{{"code":{},"message":"device token","status":"NOT_FOUND",)"
            R"("details":[{{"@type":"t"}},)"
            R"({{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"{}"}}]}}}})",
            code, word);
    }
};

TEST_F(fcm_test, sends_with_a_token_that_its_key_was_shown_for) {
    EXPECT_EQ(send_one(), "sent");
    EXPECT_EQ(path, "/v1/projects/astro-1/messages:send");
    EXPECT_TRUE(
        form.starts_with("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="));
    EXPECT_EQ(part_of(form.substr(form.find("assertion=") + 10), 1).at("aud"),
              "https://oauth2.example/token");
    const auto message = json::parse(body).at("message");
    EXPECT_EQ(message.at("token"), "device \"token\"");
    EXPECT_EQ(message.at("notification").at("body"), "कुछ हुआ");
    EXPECT_EQ(message.at("data").at("kind"), "kyc.approved");
    EXPECT_EQ(message.at("android").at("notification").at("tag"), "n-1") << "a repeat replaces the first";
    EXPECT_EQ(message.at("apns").at("headers").at("apns-collapse-id"), "n-1");
}

TEST_F(fcm_test, asks_for_one_token_however_many_wait_for_it_and_keeps_it) {
    loop on;
    auto by = push();
    int sent = 0;
    on.run_until([](push_sender& to, int& count) -> task<void> {
        const auto one = [](push_sender& p, int& n) -> task<void> {
            n += co_await send(p) == "sent" ? 1 : 0;
        };
        for (int i = 0; i < 20; ++i) spawn(one(to, count));
        for (int i = 0; i < 1000 && count < 20; ++i) co_await sleep_for(5ms);
        count += co_await send(to) == "sent" ? 1 : 0;
    }(by, sent));
    EXPECT_EQ(sent, 21);
    EXPECT_EQ(tokens, 1);
}

TEST_F(fcm_test, asks_again_before_a_token_ends_and_when_it_is_not_taken) {
    expires_in = 1;  // half of it is its use
    accepted = "";
    loop on;
    auto by = push();
    on.run_until([](push_sender& to) -> task<void> {
        EXPECT_EQ(co_await send(to), "sent");
        co_await sleep_for(600ms);
        EXPECT_EQ(co_await send(to), "sent");
    }(by));
    EXPECT_EQ(tokens, 2);
    expires_in = 3600;
    accepted = "token-4";
    auto other = push();
    on.run_until([](push_sender& to) -> task<void> {
        EXPECT_EQ(co_await send(to), "failed FCM answered 401 UNAUTHENTICATED");
        EXPECT_EQ(co_await send(to), "sent") << "with another";
    }(other));
}

TEST_F(fcm_test, tells_a_device_that_is_gone_from_what_can_be_tried_again) {
    struct {
        int status;
        const char *word, *expected;
    } const cases[] = {
        {404, "UNREGISTERED", "gone FCM answered 404 UNREGISTERED"},
        {403, "SENDER_ID_MISMATCH", "gone FCM answered 403 SENDER_ID_MISMATCH"},
        {400, "INVALID_ARGUMENT", "refused FCM answered 400 INVALID_ARGUMENT"},
        {429, "QUOTA_EXCEEDED", "later 30 FCM answered 429 QUOTA_EXCEEDED"},
        {503, "UNAVAILABLE", "later 30 FCM answered 503 UNAVAILABLE"},
        {500, "INTERNAL", "failed FCM answered 500 INTERNAL"},
        {403, "PERMISSION_DENIED", "failed FCM answered 403 PERMISSION_DENIED"},
        {404, "device token", "refused FCM answered 404"},
    };
    for (const auto& each : cases) {
        accepted = "";
        refuse_with(each.status, each.word);
        EXPECT_EQ(send_one(), each.expected);
    }
    answer = "<html>";
    status = 502;
    EXPECT_EQ(send_one(), "failed FCM answered 502");
}

TEST_F(fcm_test, waits_as_long_as_it_is_told) {
    accepted = "";
    refuse_with(429, "QUOTA_EXCEEDED");
    for (const auto& [header, wait] : {std::pair{"120", "later 120 "}, std::pair{"0", "later 0 "},
                                       std::pair{"Wed, 21 Oct 2026 07:28:00 GMT", "later 30 "}}) {
        retry_after = header;
        EXPECT_TRUE(send_one().starts_with(wait)) << header;
    }
}

TEST_F(fcm_test, without_a_token_nothing_is_sent) {
    token_status = 401;
    EXPECT_EQ(send_one(), "failed the token endpoint of FCM answered 401");
    token_status = 503;
    EXPECT_EQ(send_one(), "later 30 the token endpoint of FCM answered 503");
    EXPECT_EQ(messages, 0);
}

}  // namespace
}  // namespace astrotalk::notification
