#include <fmt/format.h>

#include "notification/notification.hpp"
#include "notification/signed_post.hpp"

namespace astrotalk::notification {
namespace {

constexpr std::string_view form_type = "application/x-www-form-urlencoded; charset=utf-8";

void add(std::string& form, std::string_view name, std::string_view value) {
    if (!form.empty()) form += '&';
    form += name;
    form += '=';
    for (const unsigned char c : value) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           c == '-' || c == '_' || c == '.' || c == '~';
        if (plain)
            form += static_cast<char>(c);
        else
            form += fmt::format("%{:02X}", c);
    }
}

void add_attribute(std::string& form, int n, std::string_view name, std::string_view value) {
    const auto entry = fmt::format("MessageAttributes.entry.{}.", n);
    add(form, entry + "Name", name);
    add(form, entry + "Value.DataType", "String");
    add(form, entry + "Value.StringValue", value);
}

std::string publish_form(const sms_message& what, const sms::registration& registered,
                         const std::string& template_id) {
    std::string form;
    add(form, "Action", "Publish");
    add(form, "Version", "2010-03-31");
    add(form, "PhoneNumber", what.to.reveal());
    add(form, "Message", what.text.reveal());
    add_attribute(form, 1, "AWS.SNS.SMS.SMSType", "Transactional");
    add_attribute(form, 2, "AWS.SNS.SMS.SenderID", registered.header);
    add_attribute(form, 3, "AWS.MM.SMS.EntityId", registered.entity_id);
    add_attribute(form, 4, "AWS.MM.SMS.TemplateId", template_id);
    return form;
}

// <Error><Code>Throttling</Code><Message>…</Message>: enough of XML for that.
std::string_view element(std::string_view xml, std::string_view name) {
    const auto open = fmt::format("<{}>", name), close = fmt::format("</{}>", name);
    const auto from = xml.find(open);
    if (from == std::string_view::npos) return {};
    const auto begin = from + open.size();
    return xml.substr(begin, xml.find(close, begin) - begin);
}

[[noreturn]] void refuse(const http::client_response& answer) {
    const auto code = element(answer.body, "Code");
    const auto said = fmt::format("SNS answered {} {}", answer.status, code.substr(0, 60));
    if (answer.status >= 500 || answer.status == 429 || code.starts_with("Throttl") ||
        code == "RequestLimitExceeded" || code == "KMSThrottling")
        throw std::runtime_error(said);
    const bool about_number = element(answer.body, "Message").find("PhoneNumber") != std::string_view::npos;
    throw sms_refused(code.starts_with("OptedOut") || (code.starts_with("InvalidParameter") && about_number),
                      said);
}

}  // namespace

sns_sms::sns_sms(http::client& out, sns_options how, const sms::registration& registered)
    : out_(out), how_(std::move(how)), registered_(registered) {
    while (how_.url.ends_with('/')) how_.url.pop_back();
}

task<void> sns_sms::send(sms_message what) {
    const std::string* template_id = registered_.id_of(what.template_name);
    if (!template_id) throw sms_refused(false, "the SMS template has no id: see ASTROTALK_DLT_TEMPLATES");
    auto call = signed_post(how_.url + "/", form_type, publish_form(what, registered_, *template_id),
                            how_.who, {how_.region, "sns"});
    const auto answer = co_await out_.send(std::move(call));
    if (answer.status / 100 != 2) refuse(answer);
}

}  // namespace astrotalk::notification
