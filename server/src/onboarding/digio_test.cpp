#include "onboarding/digio.hpp"

#include <gtest/gtest.h>

#include <mutex>

#include "http/testing_server.hpp"

namespace astrotalk::onboarding::digio {
namespace {

using namespace std::chrono_literals;

const std::string kid = "KID261123090000000ABCDEFGHIJKLMN";

std::string request(std::string_view status, std::string_view actions = "") {
    return fmt::format(
        R"({{"id":"{}","created_at":"2026-11-23 14:30:00","status":"{}","transaction_id":"t-1",)"
        R"("customer_identifier":"9812345670","surprise":{{"deep":[1]}},"actions":[{}]}})",
        kid, status, actions);
}

constexpr std::string_view papers =
    R"({"id":"KIA1","type":"digilocker","status":"success","completed_at":"2026-11-23 14:40:00",
        "details":{"aadhaar":{"id_number":"xxxxxxxx1234","name":"Asha Rao","dob":"20/05/1990","gender":"F"},
                   "pan":{"id_number":"abcpk1234f","name":"ASHA RAO","dob":"20/05/1990"}}})";

TEST(digio_answers, keep_the_fields_that_are_checked) {
    const auto view = parse_request(request("approval_pending", papers));
    ASSERT_TRUE(view);
    EXPECT_EQ(view->kid, kid);
    EXPECT_EQ(view->transaction_id, "t-1");
    EXPECT_EQ(view->status, kyc::provider_status::approval_pending);
    EXPECT_TRUE(view->submitted);
    EXPECT_EQ(view->seen.pan, "ABCPK1234F");
    EXPECT_EQ(view->seen.aadhaar_last4, "1234");
    EXPECT_EQ(view->seen.aadhaar_birth_date, "1990-05-20");
    EXPECT_FALSE(view->seen.aadhaar_unmasked);
    EXPECT_EQ(view->done_at, instant(std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + 9h + 10min))
        << "14:40 in India";
}

TEST(digio_answers, let_no_whole_aadhaar_number_in) {
    constexpr std::string_view unmasked =
        R"({"type":"digilocker","status":"success","details":{"aadhaar":
            {"id_number":"2345 6789 0124","name":"Asha 234567890124 Rao"}}})";
    const auto view = parse_request(request("approved", unmasked));
    EXPECT_TRUE(view->seen.aadhaar_unmasked);
    EXPECT_EQ(view->seen.aadhaar_last4, "0124");
    EXPECT_EQ(view->seen.aadhaar_name.find_first_of("0123456789"), std::string::npos);
}

TEST(digio_answers, are_read_in_capitals_too) {
    const auto view = parse_request(fmt::format(
        R"({{"ID":"{}","STATUS":"APPROVED","TRANSACTION_ID":"t-1",
            "ACTIONS":[{{"TYPE":"SELFIE","STATUS":"APPROVED",
            "FACE_MATCH_RESULT":{{"CONFIDENCE":0.93}},"FACE_MATCH_STATUS":"DONE"}}]}})",
        kid));
    ASSERT_TRUE(view);
    EXPECT_EQ(view->status, kyc::provider_status::approved);
    EXPECT_NEAR(*view->seen.face_match, 93, 0.01);
}

TEST(digio_answers, tell_a_dropped_call) {
    const auto dropped = [](std::string_view action) {
        return parse_request(request("requested", action))->call_dropped;
    };
    EXPECT_TRUE(dropped(R"({"type":"two_way_video","status":"requested","retry_count":1})"));
    EXPECT_TRUE(dropped(R"({"type":"TWO_WAY_VIDEO","status":"FAILED"})"));
    EXPECT_FALSE(dropped(R"({"type":"two_way_video","status":"requested","retry_count":0})"));
    EXPECT_FALSE(dropped(R"({"type":"selfie","status":"failed"})"));
}

TEST(digio_answers, tell_whether_something_was_handed_in) {
    const auto submitted = [](std::string_view action) {
        return parse_request(request("failed", action))->submitted;
    };
    EXPECT_TRUE(submitted(R"({"type":"digilocker","status":"failed","completed_at":"2026-11-23 14:40:00"})"));
    EXPECT_TRUE(submitted(papers));
    EXPECT_FALSE(submitted(R"({"type":"digilocker","status":"requested"})"));
    EXPECT_FALSE(submitted(R"({"type":"two_way_video","status":"failed"})"));
}

TEST(digio_answers, that_are_none_are_nothing) {
    for (const auto* no : {"", "<html>", "[]", "{}", R"({"id":"KID1"})", R"({"id":7})", "null"}) {
        EXPECT_FALSE(parse_request(no)) << no;
        EXPECT_FALSE(parse_created(no)) << no;
        EXPECT_FALSE(parse_token(no)) << no;
    }
    const std::string deep(5000, '[');
    EXPECT_FALSE(parse_request(deep));
}

TEST(digio_answers, log_only_words_of_errors) {
    EXPECT_EQ(parse_error_code(R"({"code":"TEMPLATE_NOT_FOUND","message":"of Asha"})"), "TEMPLATE_NOT_FOUND");
    EXPECT_EQ(parse_error_code(R"({"code":4012})"), "4012");
    EXPECT_EQ(parse_error_code(R"({"code":"no +919812345670"})"), "");
    EXPECT_EQ(parse_error_code("<html>"), "");
}

TEST(digio_hints, name_a_case_and_nothing_else) {
    const auto of = [](std::string_view payload) {
        return parse_hint(
            fmt::format(R"({{"id":"WHN1","event":"KYC.Request.Completed","payload":{}}})", payload));
    };
    const auto plain = of(fmt::format(R"({{"kyc_request":{{"id":"{}","transaction_id":"t-1"}}}})", kid));
    EXPECT_EQ(plain.event, "kyc.request.completed");
    EXPECT_EQ(plain.kid, kid);
    EXPECT_EQ(plain.transaction_id, "t-1");
    EXPECT_EQ(of(fmt::format(R"({{"KYC_REQUEST":{{"ID":"{}"}}}})", kid)).kid, kid);
    EXPECT_EQ(of(fmt::format(R"({{"digilocker_request":{{"kyc_request_id":"{}"}}}})", kid)).kid, kid);
    EXPECT_EQ(of(R"({"kyc_request":{"id":"KID'; drop table"}})").kid, "");
    EXPECT_EQ(of("{}").kid, "");
    EXPECT_EQ(parse_hint("not json").kid, "");
}

// Digio as the test says it is: what each call is answered with, and what was asked.
struct stage {
    std::mutex mutex;
    std::vector<std::string> asked, bodies, authorizations;
    std::vector<http::response> answers;  // the last one stays

    http::response answer(const http::request& in) {
        const std::lock_guard lock(mutex);
        asked.emplace_back(in.path);
        bodies.emplace_back(in.body);
        authorizations.emplace_back(in.header("authorization"));
        auto now = answers.front();
        if (answers.size() > 1) answers.erase(answers.begin());
        return now;
    }
    static task<http::response> reply(stage& s, http::request& in) { co_return s.answer(in); }
};

http::response says(int status, std::string body) {
    http::response r;
    r.status = status;
    r.body = std::move(body);
    return r;
}

class digio_client : public testing::Test {
  protected:
    template <class T>
    T ask(task<T> (*call)(client&)) {
        http::testing_server server(
            {}, [this](http::request& in, std::size_t) { return stage::reply(digio, in); });
        http::client out;
        client c(out, guard,
                 {.api_url = fmt::format("http://127.0.0.1:{}/", server.port()),
                  .gateway_url = "https://app.digio.test/",
                  .client_id = "me",
                  .client_secret = secret("mine"),
                  .template_name = "T",
                  .redirect_url = "https://astrotalk.test/back?x=1",
                  .deadline = 3s});
        loop on;
        return on.run_until(call(c));
    }
    stage digio;
    http::breaker guard;
};

task<result<kyc::created_request, kyc::create_fault>> create(client& c) {
    return c.create("t-1", personal("+919812345670"), personal("Asha Rao"));
}
task<kyc::provider_answer> read(client& c) { return c.read(kid); }

TEST_F(digio_client, creates_with_our_id_and_credentials) {
    digio.answers = {says(200, fmt::format(R"({{"id":"{}","status":"requested","access_token":)"
                                           R"({{"id":"GWT1","valid_till":"2026-11-23 15:30:00"}}}})",
                                           kid))};
    const auto made = ask(create);
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(made->kid, kid);
    EXPECT_EQ(made->opens->id.reveal(), "GWT1");
    EXPECT_EQ(made->opens->valid_till,
              instant(std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + 10h));
    EXPECT_EQ(digio.asked.front(), "/client/kyc/v2/request/with_template");
    EXPECT_EQ(digio.authorizations.front(), "Basic bWU6bWluZQ==");
    EXPECT_NE(digio.bodies.front().find(R"("transaction_id":"t-1")"), std::string::npos);
    EXPECT_NE(digio.bodies.front().find(R"("customer_identifier":"9812345670")"), std::string::npos);
    EXPECT_NE(digio.bodies.front().find(R"("customer_name":"Asha Rao")"), std::string::npos);
}

TEST_F(digio_client, sends_a_creation_once_whatever_comes) {
    for (const int status : {500, 502, 503, 429}) {
        digio.asked.clear();
        digio.answers = {says(status, "busy")};
        EXPECT_EQ(ask(create).error(), kyc::create_fault::unanswered) << status;
        EXPECT_EQ(digio.asked.size(), 1U) << status;
    }
    digio.answers = {says(200, "<html>who knows</html>")};
    EXPECT_EQ(ask(create).error(), kyc::create_fault::unanswered);
    digio.answers = {says(400, R"({"code":"TEMPLATE_NOT_FOUND"})")};
    EXPECT_EQ(ask(create).error(), kyc::create_fault::refused);
}

TEST_F(digio_client, asks_again_what_may_be_asked_twice) {
    digio.answers = {says(500, ""), says(429, ""), says(200, request("approved", papers))};
    const auto said = ask(read);
    ASSERT_TRUE(std::holds_alternative<kyc::provider_view>(said));
    EXPECT_EQ(digio.asked.size(), 3U);
    EXPECT_EQ(digio.asked.front(), "/client/kyc/v2/" + kid + "/response");

    digio.asked.clear();
    digio.answers = {says(404, "{}")};
    EXPECT_EQ(std::get<kyc::silence>(ask(read)), kyc::silence::not_found);
    digio.answers = {says(401, "{}")};
    EXPECT_EQ(std::get<kyc::silence>(ask(read)), kyc::silence::refused);
    EXPECT_EQ(digio.asked.size(), 2U) << "what is refused is refused";
}

TEST_F(digio_client, rests_from_a_digio_that_fails) {
    digio.answers = {says(500, "")};
    for (int i = 0; i < 3; ++i) EXPECT_EQ(std::get<kyc::silence>(ask(read)), kyc::silence::unavailable);
    const auto asked = digio.asked.size();
    EXPECT_EQ(asked, 5U) << "then the breaker is open";
    EXPECT_EQ(ask(create).error(), kyc::create_fault::not_sent);
    EXPECT_EQ(digio.asked.size(), asked);
}

TEST_F(digio_client, leads_to_the_gateway) {
    http::client out;
    const client c(out, guard,
                   {.api_url = "https://api.digio.test",
                    .gateway_url = "https://app.digio.test/",
                    .client_id = {},
                    .client_secret = {},
                    .template_name = {},
                    .redirect_url = "https://astrotalk.test/back?x=1"});
    const auto url = c.page_url(kid, personal("+919812345670"), {secret("GWT1"), {}}).reveal();
    EXPECT_TRUE(url.starts_with("https://app.digio.test/#/gateway/login/" + kid + "/")) << url;
    EXPECT_TRUE(
        url.ends_with("/9812345670?token_id=GWT1&redirect_url=https%3A%2F%2Fastrotalk.test%2Fback%3Fx%3D1"))
        << url;
}

}  // namespace
}  // namespace astrotalk::onboarding::digio
