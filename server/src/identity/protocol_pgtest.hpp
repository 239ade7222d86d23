// Calls of Cognito's protocol, without a socket.
#pragma once

#include <boost/json.hpp>

#include "identity/cognito/protocol.hpp"
#include "identity/people_pgtest.hpp"

namespace astrotalk::identity::testing {

inline task<http::response> call(world& w, std::string operation, std::string body) {
    const std::string target = "AWSCognitoIdentityProviderService." + operation;
    http::request in;
    in.method = http::verb::post;
    in.headers = {{"x-amz-target", target}};
    in.body = body;
    http::exchange x{
        .in = in, .request_id = "request", .trace_parent = {}, .who = {}, .idempotency = {}, .route = {}};
    co_return co_await cognito::answer(w.people, x);
}

inline std::string type_of(const http::response& r) {
    for (const auto& [name, value] : r.headers)
        if (name == "x-amzn-errortype") return value;
    return "";
}

// A text member of an answer; empty when it is not there.
inline std::string member(const http::response& r, std::string_view name) {
    const auto body = boost::json::parse(r.body);
    const auto* found = body.as_object().if_contains(name);
    return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

inline std::string token(const http::response& r, std::string_view name) {
    const auto body = boost::json::parse(r.body);
    const auto* result = body.as_object().if_contains("AuthenticationResult");
    const auto* found = result ? result->as_object().if_contains(name) : nullptr;
    return found ? std::string(found->get_string()) : std::string();
}

}  // namespace astrotalk::identity::testing
