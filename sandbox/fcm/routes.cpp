#include "fcm/routes.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "core/loop.hpp"
#include "crypto/crypto.hpp"
#include "faults.hpp"
#include "form.hpp"
#include "http/json.hpp"

namespace sandbox::fcm {
namespace {

namespace http = astrotalk::http;
namespace json = boost::json;
using astrotalk::task;

constexpr std::size_t most_tokens = 1000;
constexpr auto token_life = std::chrono::seconds(3599);

http::response answer(int status, const json::value& body) {
    http::response r;
    r.status = status;
    r.body = json::serialize(body);
    return r;
}

// Google's form of an error; FCM says in the details what it was.
http::response error(int code, std::string_view status, std::string_view message, std::string_view fcm = {}) {
    json::array details;
    if (!fcm.empty())
        details.push_back(json::object{{"@type", "type.googleapis.com/google.firebase.fcm.v1.FcmError"},
                                       {"errorCode", fcm}});
    json::object inside{{"code", code}, {"message", message}, {"status", status}};
    if (!details.empty()) inside["details"] = std::move(details);
    auto r = answer(code, json::object{{"error", std::move(inside)}});
    if (code == 429 || code == 503) r.headers.emplace_back("Retry-After", "60");
    return r;
}

http::response fail(failure why) {
    switch (why) {
        case failure::UNREGISTERED:
            return error(404, "NOT_FOUND", "Requested entity was not found.", "UNREGISTERED");
        case failure::INVALID_ARGUMENT:
            return error(400, "INVALID_ARGUMENT",
                         "The registration token is not a valid FCM registration token", "INVALID_ARGUMENT");
        case failure::QUOTA_EXCEEDED:
            return error(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota).",
                         "QUOTA_EXCEEDED");
        case failure::UNAVAILABLE:
            return error(503, "UNAVAILABLE", "The service is currently unavailable.", "UNAVAILABLE");
        case failure::INTERNAL:
        case failure::none: return error(500, "INTERNAL", "Internal error encountered.", "INTERNAL");
    }
    return error(500, "INTERNAL", "Internal error encountered.", "INTERNAL");
}

http::response refuse_token(std::string_view code, std::string_view message) {
    return answer(400, json::object{{"error", code}, {"error_description", message}});
}

task<http::response> give_token(service& self, http::exchange& x) {
    if (self.now.token_status != 200)
        co_return error(self.now.token_status, "UNAVAILABLE", "A fault was asked for");
    const auto fields = read_form(x.in.body);
    if (field(fields, "grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer")
        co_return refuse_token("unsupported_grant_type", "Invalid grant_type");
    const auto now = astrotalk::clock::now();
    const auto fault = self.owner ? fault_of_assertion(*self.owner, field(fields, "assertion"), now)
                                  : std::string("Invalid grant: account not found");
    if (!fault.empty())
        co_return refuse_token(fault.find("scope") == std::string::npos ? "invalid_grant" : "invalid_scope",
                               fault);
    std::erase_if(self.tokens, [&](const auto& each) { return each.second <= now; });
    if (self.tokens.size() >= most_tokens) self.tokens.erase(self.tokens.begin());
    const auto token = "ya29." + astrotalk::crypto::base64url_encode(astrotalk::crypto::random_bytes(32));
    self.tokens.emplace(token, now + token_life);
    co_return answer(
        200,
        json::object{{"access_token", token}, {"expires_in", token_life.count()}, {"token_type", "Bearer"}});
}

bool may_send(const service& self, std::string_view claim) {
    if (!claim.starts_with("Bearer ")) return false;
    const auto found = self.tokens.find(claim.substr(7));
    return found != self.tokens.end() && found->second > astrotalk::clock::now();
}

// The fault that is in force for this message, one occasion of it used up.
failure take(faults& now) {
    if (now.error == failure::none) return failure::none;
    if (!now.times) return now.error;
    return (*now.times)-- > 0 ? now.error : failure::none;
}

// `data` holds text only: a number in it is the mistake that FCM refuses most.
bool is_text_map(const json::value* data) {
    if (!data) return true;
    const auto* object = data->if_object();
    return object && std::ranges::all_of(*object, [](const auto& each) { return each.value().is_string(); });
}

http::response bad_field(std::string_view name, std::string_view what) {
    auto r = error(400, "INVALID_ARGUMENT", "Request contains an invalid argument.");
    r.body = json::serialize(json::object{
        {"error",
         {{"code", 400},
          {"message", "Request contains an invalid argument."},
          {"status", "INVALID_ARGUMENT"},
          {"details",
           json::array{json::object{{"@type", "type.googleapis.com/google.rpc.BadRequest"},
                                    {"fieldViolations",
                                     json::array{json::object{{"field", name}, {"description", what}}}}},
                       json::object{{"@type", "type.googleapis.com/google.firebase.fcm.v1.FcmError"},
                                    {"errorCode", "INVALID_ARGUMENT"}}}}}}});
    return r;
}

http::response receive(service& self, std::string_view project, std::string_view body) {
    boost::system::error_code failed;
    const auto sent = json::parse({body.data(), body.size()}, failed);
    const auto* whole = failed ? nullptr : sent.if_object();
    const auto* inside = whole ? whole->if_contains("message") : nullptr;
    const auto* what = inside ? inside->if_object() : nullptr;
    if (!what) return bad_field("message", "is required");
    const auto* to = what->if_contains("token");
    if (!to || !to->is_string() || to->get_string().empty())
        return bad_field("message.token", "Recipient of the message is not set");
    if (!is_text_map(what->if_contains("data"))) return bad_field("message.data", "values must be strings");
    const std::string device(to->get_string().data(), to->get_string().size());
    if (std::ranges::count(self.now.unregistered, device) > 0) return fail(failure::UNREGISTERED);
    if (const auto wrong = take(self.now); wrong != failure::none) return fail(wrong);
    const auto name = fmt::format("projects/{}/messages/{}", project, astrotalk::uuid::v7().to_string());
    const auto* validate = whole->if_contains("validate_only");
    if (!validate || *validate != json::value(true))
        self.box.receive(
            {.to = device, .name = name, .json = json::serialize(*what), .at = astrotalk::clock::now()}, "");
    return answer(200, json::object{{"name", name}});
}

task<http::response> send(service& self, http::exchange& x) {
    if (self.now.delay_ms > 0) co_await astrotalk::sleep_for(std::chrono::milliseconds(self.now.delay_ms));
    if (!may_send(self, x.in.header("authorization")))
        co_return error(
            401, "UNAUTHENTICATED",
            "Request had invalid authentication credentials. Expected OAuth 2 access token, login "
            "cookie or other valid authentication credential.");
    if (x.path_values[0] != self.owner->project_id)
        co_return error(403, "PERMISSION_DENIED", "Permission denied on this project.", "SENDER_ID_MISMATCH");
    co_return receive(self, x.path_values[0], x.in.body);
}

struct shown {
    std::string to, name;
    astrotalk::instant at;
    http::raw_json message;
    BOOST_DESCRIBE_CLASS(shown, (), (to, name, at, message), (), ())
};

task<http::response> read(service& self, http::exchange& x) {
    const auto device = x.in.parameter("token");
    std::vector<shown> all;
    for (const auto& each : device ? self.box.of(*device) : self.box.newest(100))
        all.push_back({each.to, each.name, each.at, {each.json}});
    co_return http::ok(all);
}

constexpr http::route<service> table[] = {
    {http::verb::post, "/token", http::access::anyone, give_token},
    {http::verb::post, "/v1/projects/{project}/messages:send", http::access::anyone, send},
    {http::verb::get, "/push", http::access::anyone, read},
    {http::verb::put, "/control/fcm", http::access::anyone, set_faults<service>},
};

}  // namespace

std::span<const http::route<service>> routes() { return table; }

}  // namespace sandbox::fcm
