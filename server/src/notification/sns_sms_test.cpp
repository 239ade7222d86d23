#include <gtest/gtest.h>

#include "crypto/crypto.hpp"
#include "http/testing_server.hpp"
#include "notification/notification.hpp"

namespace astrotalk::notification {
namespace {

const sms::registration registered{"1101", "ASTROT", {{"code.en", "1107"}}};
const aws::credentials who{"AKIDEXAMPLE", secret("its secret"), ""};

sms_message a_message() { return {personal("+919876543210"), secret("कोड & code"), "code.en", uuid::v7()}; }

// SNS as far as the test says: keeps what came and whether its signature holds.
struct sns_sms_test : testing::Test {
    int status = 200;
    std::string answer = "<PublishResponse/>", body;
    bool signed_well = false;
    http::testing_server server{{.port = 0}, [this](http::request& in, std::size_t) { return take(in); }};

    task<http::response> take(http::request& in) {
        body = in.body;
        const auto digest = crypto::hex(crypto::sha256(in.body));
        const aws::request_view seen{"POST", in.path, in.query, in.headers, digest};
        const auto claim = aws::read_claim(seen);
        signed_well =
            claim &&
            aws::verify(*claim, seen, who.secret_access_key, {"ap-south-1", "sns"}, clock::now()).has_value();
        http::response r;
        r.status = status;
        r.body = answer;
        co_return r;
    }

    // "sent", or how it was refused.
    std::string send() {
        loop on;
        http::client out;
        sns_sms sns(out, {fmt::format("http://127.0.0.1:{}/", server.port()), "ap-south-1", who}, registered);
        auto one = [](sns_sms& by) -> task<std::string> {
            try {
                co_await by.send(a_message());
                co_return "sent";
            } catch (const sms_refused& e) {
                co_return fmt::format("{} {}", e.of_number ? "number" : "provider", e.what());
            } catch (const std::exception& e) {
                co_return fmt::format("failed {}", e.what());
            }
        };
        return on.run_until(one(sns));
    }
    void refuse_with(int code, const std::string& name, const std::string& message = "") {
        status = code;
        answer =
            fmt::format("<ErrorResponse><Error><Code>{}</Code><Message>{}</Message></Error></ErrorResponse>",
                        name, message);
    }
};

TEST_F(sns_sms_test, publishes_a_signed_form_with_the_registration) {
    EXPECT_EQ(send(), "sent");
    EXPECT_TRUE(signed_well);
    EXPECT_EQ(body,
              "Action=Publish&Version=2010-03-31&PhoneNumber=%2B919876543210"
              "&Message=%E0%A4%95%E0%A5%8B%E0%A4%A1%20%26%20code"
              "&MessageAttributes.entry.1.Name=AWS.SNS.SMS.SMSType"
              "&MessageAttributes.entry.1.Value.DataType=String"
              "&MessageAttributes.entry.1.Value.StringValue=Transactional"
              "&MessageAttributes.entry.2.Name=AWS.SNS.SMS.SenderID"
              "&MessageAttributes.entry.2.Value.DataType=String"
              "&MessageAttributes.entry.2.Value.StringValue=ASTROT"
              "&MessageAttributes.entry.3.Name=AWS.MM.SMS.EntityId"
              "&MessageAttributes.entry.3.Value.DataType=String"
              "&MessageAttributes.entry.3.Value.StringValue=1101"
              "&MessageAttributes.entry.4.Name=AWS.MM.SMS.TemplateId"
              "&MessageAttributes.entry.4.Value.DataType=String"
              "&MessageAttributes.entry.4.Value.StringValue=1107");
}

TEST_F(sns_sms_test, tells_apart_whose_fault_it_is) {
    refuse_with(400, "Throttling", "Rate exceeded");
    EXPECT_EQ(send(), "failed SNS answered 400 Throttling");
    refuse_with(503, "ServiceUnavailable");
    EXPECT_EQ(send(), "failed SNS answered 503 ServiceUnavailable");
    refuse_with(403, "AuthorizationError", "not allowed for +919876543210");
    EXPECT_EQ(send(), "provider SNS answered 403 AuthorizationError");
    refuse_with(400, "InvalidParameter", "Invalid parameter: PhoneNumber Reason: +919876543210 is not valid");
    EXPECT_EQ(send(), "number SNS answered 400 InvalidParameter");
    refuse_with(400, "InvalidParameter", "Invalid parameter: MessageAttributes");
    EXPECT_EQ(send(), "provider SNS answered 400 InvalidParameter");
}

}  // namespace
}  // namespace astrotalk::notification
