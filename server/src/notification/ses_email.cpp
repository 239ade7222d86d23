#include <fmt/format.h>

#include <algorithm>

#include "core/json_text.hpp"
#include "notification/email.hpp"
#include "notification/signed_post.hpp"

namespace astrotalk::notification {
namespace {

constexpr std::string_view json_type = "application/json";

std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

// Its member names are Amazon's.
std::string content_of(std::string_view text) {
    return fmt::format(R"({{"Data":{},"Charset":"UTF-8"}})", quoted(text));
}
std::string body_of(const std::string& from, const email_message& what) {
    return fmt::format(R"({{"FromEmailAddress":{},"Destination":{{"ToAddresses":[{}]}},)"
                       R"("Content":{{"Simple":{{"Subject":{},"Body":{{"Text":{}}}}}}}}})",
                       quoted(from), quoted(what.to.reveal()), content_of(what.subject),
                       content_of(what.text.reveal()));
}

// "TooManyRequestsException", of a header that may go on with ":http://…".
std::string_view kind_of(const http::client_response& answer) {
    const auto found =
        std::ranges::find(answer.headers, "x-amzn-errortype", &std::pair<std::string, std::string>::first);
    if (found == answer.headers.end()) return {};
    const std::string_view kind = found->second;
    return kind.substr(0, std::min(kind.find_first_of(":;"), std::size_t{60}));
}

// A daily quota, a pause and a wrong clock pass; a message that SES will not have does not.
[[noreturn]] void refuse(const http::client_response& answer) {
    const auto kind = kind_of(answer);
    const auto said = fmt::format("SES answered {} {}", answer.status, kind);
    const bool passes = answer.status >= 500 || answer.status == 429 || answer.status == 408 ||
                        kind.starts_with("TooManyRequests") || kind.starts_with("Throttl") ||
                        kind.starts_with("LimitExceeded") || kind.starts_with("SendingPaused") ||
                        kind.starts_with("RequestExpired");
    if (passes) throw std::runtime_error(said);
    throw email_refused(said);
}

}  // namespace

ses_email::ses_email(http::client& out, ses_options how) : out_(out), how_(std::move(how)) {
    while (how_.url.ends_with('/')) how_.url.pop_back();
}

task<void> ses_email::send(email_message what) {
    auto call = signed_post(how_.url + "/v2/email/outbound-emails", json_type, body_of(how_.from, what),
                            how_.who, {how_.region, "ses"});
    const auto answer = co_await out_.send(std::move(call));
    if (answer.status / 100 != 2) refuse(answer);
}

}  // namespace astrotalk::notification
