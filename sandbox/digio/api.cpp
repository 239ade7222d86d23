#include "digio/api.hpp"

#include <boost/json.hpp>

#include "crypto/crypto.hpp"
#include "digio/media.hpp"
#include "digio/read_create.hpp"
#include "digio/wire.hpp"

namespace sandbox::digio {
namespace {

namespace http = astrotalk::http;
namespace json = boost::json;
using astrotalk::task;

constexpr std::size_t most_recorded_body = 20'000;

http::response error(int status, std::string_view code, std::string_view message) {
    http::response r;
    r.status = status;
    r.body = error_json(code, message);
    return r;
}

http::response ok(std::string body) {
    http::response r;
    r.body = std::move(body);
    return r;
}

bool may_call(const settings& config, std::string_view claim) {
    if (!claim.starts_with("Basic ")) return false;
    const auto given = astrotalk::crypto::base64_decode(claim.substr(6));
    const auto wanted = config.client_id + ":" + config.client_secret.reveal();
    return given && astrotalk::crypto::equal_constant_time(*given, wanted);
}

// One call of the API: what it does, and to which request. It runs in one go.
struct under_way {
    desk& self;
    http::exchange& x;
    recorded_call& record;
};
using doing = http::response (*)(under_way);

request* request_in_path(under_way at) {
    const auto id = http::decode_path_value(at.x.path_values[0]);
    if (!id) return nullptr;
    at.record.request_id = *id;
    return at.self.find(*id);
}

http::response no_such_request() { return error(404, "ENTITY_NOT_FOUND", "No request found with this id"); }

http::response create_from(under_way at, bool inline_actions) {
    auto wanted = read_create(at.x.in.body, inline_actions);
    if (!wanted) return error(wanted.error().status, wanted.error().code, wanted.error().message);
    auto& made = at.self.open(std::move(wanted->asked), wanted->access_token);
    at.record.request_id = made.id;
    if (wanted->notify)
        at.self.notify(made.identifier,
                       "Digio (sandbox): you are asked to complete a KYC request " + made.id);
    return ok(to_json(made, true));
}

http::response create(under_way at) { return create_from(at, false); }
http::response create_inline(under_way at) { return create_from(at, true); }

http::response read(under_way at) {
    const auto* found = request_in_path(at);
    return found ? ok(to_json(*found, true)) : no_such_request();
}

http::response bytes(under_way at, std::string_view type, std::string content) {
    if (at.x.in.parameter("base64") == "true")
        return ok(
            json::serialize(json::object{{"file_in_base64", astrotalk::crypto::base64_encode(content)}}));
    http::response r;
    r.content_type = type;
    r.body = std::move(content);
    return r;
}

http::response file_of(under_way at, const request& r, const action& a) {
    const auto type = at.x.in.parameter("doc_type").value_or("");
    const bool xml = at.x.in.parameter("xml") == "true";
    switch (a.type) {
        case kind::digilocker:
            if (type == "AADHAAR")
                return xml ? bytes(at, "application/xml", aadhaar_xml(r.who))
                           : bytes(at, "application/pdf", aadhaar_pdf(r.who));
            if (type == "PAN")
                return xml ? bytes(at, "application/xml", pan_xml(r.who))
                           : bytes(at, "application/pdf", pan_pdf(r.who));
            return error(400, "BAD_REQUEST", "doc_type must be AADHAAR or PAN");
        case kind::selfie:
            if (a.picture.empty()) return bytes(at, "image/png", portrait_png(r.who, a.drawn));
            return bytes(at, a.picture.starts_with("\x89PNG") ? "image/png" : "image/jpeg", a.picture);
        case kind::two_way_video: return bytes(at, "application/octet-stream", recording(r.who));
    }
    return no_such_request();
}

http::response media(under_way at) {
    const auto id = http::decode_path_value(at.x.path_values[0]);
    if (id) {
        at.record.request_id = *id;
        if (const auto [r, a] = at.self.find_file(*id); r && a->completed) return file_of(at, *r, *a);
    }
    return error(404, "FILE_NOT_FOUND", "No file found with this id");
}

std::string text_at(std::string_view body, std::string_view name) {
    boost::system::error_code failed;
    const auto parsed = json::parse({body.data(), body.size()}, failed);
    const auto* object = failed ? nullptr : parsed.if_object();
    const auto* value = object ? object->if_contains(name) : nullptr;
    const auto* text = value ? value->if_string() : nullptr;
    return text ? std::string(text->data(), text->size()) : std::string();
}

// Digio documents only "approved"; the other way is inferred.
http::response approval(under_way at) {
    auto* found = request_in_path(at);
    if (!found) return no_such_request();
    const auto wanted = text_at(at.x.in.body, "status");
    if (wanted != "approved" && wanted != "rejected")
        return error(400, "BAD_REQUEST", "status must be approved or rejected");
    if (!at.self.decide(*found, wanted == "approved", "API", "Rejected by the client"))
        return error(400, "INVALID_STATE", "The request does not wait for an approval");
    return ok(to_json(*found, true));
}

http::response again(under_way at) {
    auto* found = request_in_path(at);
    if (!found) return no_such_request();
    if (!at.self.reattempt(*found))
        return error(400, "INVALID_STATE", "The request cannot be attempted again");
    return ok(to_json(*found, true));
}

http::response give_token(under_way at) {
    const auto id = text_at(at.x.in.body, "entity_id");
    at.record.request_id = id;
    auto* found = at.self.find(id);
    if (!found) return no_such_request();
    const auto identifier = text_at(at.x.in.body, "identifier");
    if (!identifier.empty() && identifier != found->identifier)
        return error(400, "BAD_REQUEST", "identifier is not the customer of this request");
    return ok(json::serialize(json::object{{"response", {{"id", at.self.add_token(*found).id}}}}));
}

http::response asked_for(int status) {
    return error(status, status == 429 ? "TOO_MANY_REQUESTS" : "INTERNAL_ERROR", "A fault was asked for");
}

template <call_kind call, doing act>
task<http::response> handle(desk& self, http::exchange& x) {
    auto record = self.record({.at = astrotalk::clock::now(),
                               .call = call,
                               .method = std::string(http::name_of(x.in.method)),
                               .path = std::string(x.in.path),
                               .body = std::string(x.in.body.substr(0, most_recorded_body))});
    if (!may_call(self.config(), x.in.header("authorization"))) {
        record->status = 401;
        record->took_effect = false;
        co_return error(401, "UNAUTHORIZED", "Authentication failed");
    }
    auto made = co_await with_faults(record, self.faults_of(call),
                                     [&self, &x, record] { return act({self, x, *record}); },
                                     {.error = asked_for, .in_capitals = in_capitals});
    record->status = made.status;
    co_return made;
}

constexpr http::route<desk> table[] = {
    {http::verb::post, "/client/kyc/v2/request/with_template", http::access::anyone,
     handle<call_kind::create, create>},
    {http::verb::post, "/client/kyc/v2/request", http::access::anyone,
     handle<call_kind::create_inline, create_inline>},
    {http::verb::post, "/client/kyc/v2/{id}/response", http::access::anyone,
     handle<call_kind::response, read>},
    {http::verb::get, "/client/kyc/v2/{id}/response", http::access::anyone,
     handle<call_kind::response, read>},
    {http::verb::get, "/client/kyc/v2/media/{id}", http::access::anyone, handle<call_kind::media, media>},
    {http::verb::post, "/client/kyc/v2/request/{id}/manage_approval", http::access::anyone,
     handle<call_kind::approval, approval>},
    {http::verb::post, "/client/kyc/v2/request/{id}/reattempt", http::access::anyone,
     handle<call_kind::reattempt, again>},
    {http::verb::post, "/user/auth/generate_token", http::access::anyone,
     handle<call_kind::token, give_token>},
};

}  // namespace

std::span<const http::route<desk>> api_routes() { return table; }

}  // namespace sandbox::digio
