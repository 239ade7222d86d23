#include "sns/routes.hpp"

#include "core/loop.hpp"
#include "faults.hpp"
#include "form.hpp"
#include "http/json.hpp"

namespace sandbox::sns {
namespace {

namespace http = astrotalk::http;
using astrotalk::task;

// The attributes are numbered from 1, as the SDKs send them.
std::optional<std::string> attribute(const form& fields, std::string_view name) {
    for (int n = 1; n <= 10; ++n) {
        const auto entry = fmt::format("MessageAttributes.entry.{}.", n);
        if (field(fields, entry + "Name") == name) return field(fields, entry + "Value.StringValue");
    }
    return std::nullopt;
}

http::response xml(int status, std::string body) {
    http::response r;
    r.status = status;
    r.content_type = "text/xml";
    r.body = std::move(body);
    return r;
}

http::response error(int status, std::string_view code, std::string_view message) {
    return xml(status, fmt::format("<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error>"
                                   "<Type>{}</Type><Code>{}</Code><Message>{}</Message></Error>"
                                   "<RequestId>{}</RequestId></ErrorResponse>",
                                   status < 500 ? "Sender" : "Receiver", code, message,
                                   astrotalk::uuid::v7().to_string()));
}

bool is_e164(std::string_view number) {
    return number.size() >= 8 && number.size() <= 16 && number.starts_with('+') &&
           number.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

task<http::response> publish(service& self, http::exchange& x) {
    if (self.now.delay_ms > 0) co_await astrotalk::sleep_for(std::chrono::milliseconds(self.now.delay_ms));
    if (self.now.status != 200) co_return error(self.now.status, self.now.code, "A fault was asked for");
    const auto claim = x.in.header("authorization");
    if (!claim.starts_with("AWS4-HMAC-SHA256 Credential=") || claim.find("/sns/aws4_request") == claim.npos ||
        x.in.header("x-amz-date").empty())
        co_return error(403, "MissingAuthenticationToken", "Request is missing Authentication Token");
    const auto fields = read_form(x.in.body);
    if (field(fields, "Action") != "Publish" || field(fields, "Version") != "2010-03-31")
        co_return error(400, "InvalidAction", "The action is not valid for this endpoint");
    sms::message arrived{
        .to = field(fields, "PhoneNumber"), .text = field(fields, "Message"), .at = astrotalk::clock::now()};
    if (!is_e164(arrived.to))
        co_return error(400, "InvalidParameter",
                        "Invalid parameter: PhoneNumber Reason: not valid to publish to");
    if (arrived.text.empty()) co_return error(400, "InvalidParameter", "Invalid parameter: Empty message");
    arrived.template_id = attribute(fields, "AWS.MM.SMS.TemplateId");
    arrived.entity_id = attribute(fields, "AWS.MM.SMS.EntityId");
    arrived.sender_id = attribute(fields, "AWS.SNS.SMS.SenderID");
    arrived.provider = "sns";
    if (attribute(fields, "AWS.SNS.SMS.SMSType") != "Transactional" || !arrived.template_id ||
        !arrived.entity_id)
        co_return error(400, "InvalidParameter", "Invalid parameter: MessageAttributes");
    self.box.receive(std::move(arrived), "");
    co_return xml(200, fmt::format("<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">"
                                   "<PublishResult><MessageId>{}</MessageId></PublishResult>"
                                   "<ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata>"
                                   "</PublishResponse>",
                                   astrotalk::uuid::v7().to_string(), x.request_id));
}

constexpr http::route<service> table[] = {
    {http::verb::post, "/sns/", http::access::anyone, publish},
    {http::verb::put, "/control/sns", http::access::anyone, set_faults<service>},
};

}  // namespace

std::span<const http::route<service>> routes() { return table; }

}  // namespace sandbox::sns
