#include "ses/routes.hpp"

#include <boost/json.hpp>

#include "core/loop.hpp"
#include "faults.hpp"
#include "http/json.hpp"

namespace sandbox::ses {
namespace {

namespace http = astrotalk::http;
using astrotalk::task;

http::response error(int status, std::string_view code, std::string_view message) {
    http::response r;
    r.status = status;
    r.headers.emplace_back("x-amzn-ErrorType", std::string(code));
    r.body = fmt::format(R"({{"message":"{}"}})", message);
    return r;
}

// What is at a path of member names; null: there is nothing, or something that is no string.
const boost::json::string* text_at(const boost::json::value& in, std::string_view pointer) {
    boost::system::error_code failed;
    const auto* found = in.find_pointer(pointer, failed);
    return found ? found->if_string() : nullptr;
}

std::optional<message> read_message(std::string_view body) {
    boost::system::error_code failed;
    const auto sent = boost::json::parse({body.data(), body.size()}, failed);
    if (failed) return std::nullopt;
    const auto* from = text_at(sent, "/FromEmailAddress");
    const auto* to = text_at(sent, "/Destination/ToAddresses/0");
    const auto* subject = text_at(sent, "/Content/Simple/Subject/Data");
    const auto* text = text_at(sent, "/Content/Simple/Body/Text/Data");
    if (!from || !to || !subject || !text) return std::nullopt;
    message made{.to = std::string(*to),
                 .from = std::string(*from),
                 .subject = std::string(*subject),
                 .text = std::string(*text),
                 .at = astrotalk::clock::now()};
    return made;
}

task<http::response> send(service& self, http::exchange& x) {
    if (self.now.delay_ms > 0) co_await astrotalk::sleep_for(std::chrono::milliseconds(self.now.delay_ms));
    if (self.now.status != 200) co_return error(self.now.status, self.now.code, "A fault was asked for");
    const auto claim = x.in.header("authorization");
    if (!claim.starts_with("AWS4-HMAC-SHA256 Credential=") || claim.find("/ses/aws4_request") == claim.npos ||
        x.in.header("x-amz-date").empty())
        co_return error(403, "MissingAuthenticationTokenException", "Missing Authentication Token");
    auto arrived = read_message(x.in.body);
    if (!arrived) co_return error(400, "BadRequestException", "The message has no sender, receiver or text");
    self.box.receive(std::move(*arrived), "");
    http::response r;
    r.body = fmt::format(R"({{"MessageId":"{}"}})", astrotalk::uuid::v7().to_string());
    co_return r;
}

task<http::response> read(service& self, http::exchange& x) {
    const auto receiver = x.in.parameter("to");
    co_return http::ok(receiver ? self.box.of(*receiver) : self.box.newest(100));
}

constexpr http::route<service> table[] = {
    {http::verb::post, "/ses/v2/email/outbound-emails", http::access::anyone, send},
    {http::verb::get, "/email", http::access::anyone, read},
    {http::verb::put, "/control/ses", http::access::anyone, set_faults<service>},
};

}  // namespace

std::span<const http::route<service>> routes() { return table; }

}  // namespace sandbox::ses
