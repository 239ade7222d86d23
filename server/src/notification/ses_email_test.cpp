#include <gtest/gtest.h>

#include "crypto/crypto.hpp"
#include "http/testing_server.hpp"
#include "notification/notification.hpp"

namespace astrotalk::notification {
namespace {

const aws::credentials who{"AKIDEXAMPLE", secret("its secret"), "its token"};

// SES as far as the test says: keeps what came and whether its signature holds.
struct ses_email_test : testing::Test {
    int status = 200;
    std::string kind, body, path, type, token;
    bool signed_well = false;
    http::testing_server server{{.port = 0}, [this](http::request& in, std::size_t) { return take(in); }};

    task<http::response> take(http::request& in) {
        body = in.body;
        path = in.path;
        type = in.header("content-type");
        token = in.header("x-amz-security-token");
        const auto digest = crypto::hex(crypto::sha256(in.body));
        const aws::request_view seen{"POST", in.path, in.query, in.headers, digest};
        const auto claim = aws::read_claim(seen);
        signed_well =
            claim &&
            aws::verify(*claim, seen, who.secret_access_key, {"ap-south-1", "ses"}, clock::now()).has_value();
        http::response r;
        r.status = status;
        if (!kind.empty()) r.headers.emplace_back("x-amzn-ErrorType", kind);
        r.body = R"({"message":"about asha@example.in"})";
        co_return r;
    }

    // "sent", or how it was refused.
    std::string send(std::string subject = "Your code", std::string text = "123456") {
        loop on;
        http::client out;
        ses_email ses(out, {fmt::format("http://127.0.0.1:{}/", server.port()), "ap-south-1", who,
                            "no-reply@astrotalk.example"});
        auto one = [](ses_email& by, email_message what) -> task<std::string> {
            try {
                co_await by.send(std::move(what));
                co_return "sent";
            } catch (const email_refused& e) {
                co_return fmt::format("refused {}", e.what());
            } catch (const std::exception& e) {
                co_return fmt::format("failed {}", e.what());
            }
        };
        return on.run_until(
            one(ses, {personal("asha@example.in"), std::move(subject), secret(std::move(text))}));
    }
    std::string send_to(int code, std::string name) {
        status = code;
        kind = std::move(name);
        return send();
    }
};

TEST_F(ses_email_test, sends_a_signed_request_of_version_2) {
    EXPECT_EQ(send("आपका कोड", "123456 \"कोड\"\n"), "sent");
    EXPECT_EQ(path, "/v2/email/outbound-emails");
    EXPECT_EQ(type, "application/json");
    EXPECT_EQ(token, "its token");
    EXPECT_TRUE(signed_well);
    EXPECT_EQ(body, R"({"FromEmailAddress":"no-reply@astrotalk.example",)"
                    R"("Destination":{"ToAddresses":["asha@example.in"]},)"
                    R"("Content":{"Simple":{"Subject":{"Data":"आपका कोड","Charset":"UTF-8"},)"
                    R"("Body":{"Text":{"Data":"123456 \"कोड\"\n","Charset":"UTF-8"}}}}})");
}

TEST_F(ses_email_test, tells_apart_what_passes_and_says_nothing_personal) {
    EXPECT_EQ(send_to(429, "TooManyRequestsException"), "failed SES answered 429 TooManyRequestsException");
    EXPECT_EQ(send_to(400, "LimitExceededException:http://internal.amazon.com/"),
              "failed SES answered 400 LimitExceededException");
    EXPECT_EQ(send_to(400, "SendingPausedException"), "failed SES answered 400 SendingPausedException");
    EXPECT_EQ(send_to(503, ""), "failed SES answered 503 ");
    EXPECT_EQ(send_to(400, "MessageRejected"), "refused SES answered 400 MessageRejected");
    EXPECT_EQ(send_to(400, "MailFromDomainNotVerifiedException"),
              "refused SES answered 400 MailFromDomainNotVerifiedException");
    EXPECT_EQ(send_to(403, "AccessDeniedException"), "refused SES answered 403 AccessDeniedException");
}

}  // namespace
}  // namespace astrotalk::notification
