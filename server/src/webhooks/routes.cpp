#include <algorithm>

#include "core/log.hpp"
#include "webhooks/counters.hpp"
#include "webhooks/webhooks.hpp"

namespace astrotalk::webhooks {
namespace {

using http::exchange;
using http::response;

// Events are a few kilobytes.
constexpr std::size_t largest_body = 256 * 1024;

// The same whatever is wrong: who has no secret learns nothing of it.
response not_accepted() { return http::problem(401, "unauthenticated", "This is not accepted."); }

response accepted() {
    response r;
    r.body = "{}";
    return r;
}

std::string_view name_of(outcome what) {
    switch (what) {
        case outcome::stored: return "stored";
        case outcome::repeat: return "repeat";
        case outcome::conflict: return "conflict";
    }
    __builtin_unreachable();
}

const connection* connection_of(const service& s, std::string_view name) {
    const auto found =
        std::ranges::find_if(s.connections, [&](const connection& each) { return each.with.name == name; });
    return found == s.connections.end() ? nullptr : &*found;
}

task<response> post_event(service& s, exchange& x) {
    const auto* by = connection_of(s, x.path_values[0]);
    if (!by) co_return http::problem(404, "not_found", "There is nothing at this address");
    if (x.in.body.size() > largest_body) {
        count(by->with, "too_large");
        co_return http::problem(413, "body_too_large", "The request body is too large.");
    }
    if (!is_signed(*by, x.in.body, x.in.header(by->with.signature_header))) {
        count(by->with, by->current.empty() ? "closed" : "bad_signature");
        co_return not_accepted();
    }
    const auto what =
        co_await receive_event(s, by->with, read_envelope(by->with, x.in), std::string(x.in.body));
    count(by->with, name_of(what));
    if (what == outcome::conflict)
        log::error("webhook.conflict",
                   {{"provider", log::text(by->with.name)}, {"request_id", log::text(x.request_id)}});
    co_return accepted();
}

constexpr http::route<service> table[] = {
    {http::verb::post, "/webhooks/{provider}", http::access::anyone, post_event},
};

}  // namespace

std::span<const http::route<service>> routes() { return table; }

}  // namespace astrotalk::webhooks
