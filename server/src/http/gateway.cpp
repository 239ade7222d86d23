#include "http/gateway.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "core/log.hpp"
#include "core/loop.hpp"
#include "crypto/crypto.hpp"
#include "http/query.hpp"
#include "telemetry/trace.hpp"

namespace astrotalk::http {
namespace {

using steady = std::chrono::steady_clock;

// What the apps, the AWS SDKs and Amplify send and read (docs.aws.amazon.com/cognito-user-identity-pools
// API).
constexpr std::string_view allowed_headers =
    "authorization, content-type, idempotency-key, traceparent, x-amz-target, x-amz-user-agent, "
    "cache-control, last-event-id, "
    "amz-sdk-invocation-id, amz-sdk-request, x-device-id, x-recovery-token, x-amz-date, x-amz-security-token";
constexpr std::string_view exposed_headers =
    "x-request-id, x-amzn-errortype, x-amzn-errormessage, x-amzn-requestid, retry-after, "
    "idempotent-replayed, ratelimit-limit, "
    "ratelimit-remaining, ratelimit-reset";

// What the clients of an object store read besides.
constexpr std::string_view exposed_of_objects =
    ", etag, content-range, accept-ranges, last-modified, x-amz-request-id, x-amz-checksum-crc32, "
    "x-amz-checksum-crc32c, x-amz-checksum-crc64nvme, x-amz-checksum-sha1, x-amz-checksum-sha256, "
    "x-amz-checksum-type";

response too_many(int retry_after_seconds) {
    return problem({.status = 429,
                    .code = "rate_limited",
                    .title = "Too many requests: wait and try again",
                    .errors = {},
                    .extra = {},
                    .retry_after_seconds = retry_after_seconds});
}

response unauthenticated(bool sent_a_token) {
    response r =
        problem(401, "unauthenticated",
                sent_a_token ? "The access token is not valid or has ended: refresh it, or sign in again"
                             : "Sign in first");
    r.headers.emplace_back("www-authenticate", sent_a_token ? "Bearer error=\"invalid_token\"" : "Bearer");
    return r;
}

std::string_view bearer_of(const request& in) {
    const auto value = in.header("authorization");
    constexpr std::string_view scheme = "bearer ";
    if (value.size() <= scheme.size()) return {};
    for (std::size_t i = 0; i < scheme.size(); ++i)
        if ((value[i] | 0x20) != (scheme[i] | 0x20)) return {};
    return value.substr(scheme.size());
}

bool has_role(const principal& who, access needed) {
    switch (needed) {
        case access::anyone:
        case access::signed_in: return true;
        case access::astrologer: return who.user_type == "astrologer";
        case access::support: return who.in_group("support") || who.in_group("admin");
        case access::admin: return who.in_group("admin");
    }
    return false;
}

// What staff may do takes more than a phone number.
bool takes_second_factor(access needed) { return needed == access::support || needed == access::admin; }

std::string fingerprint_of(const request& in) {
    std::string text = fmt::format("{}\n{}\n", static_cast<int>(in.method), in.path);
    text += in.body;
    const auto digest = crypto::sha256(text);
    return {digest.begin(), digest.end()};
}

// One customer of an IPv6 provider has at least a /64: its addresses share a bucket.
std::string_view network_of(const std::string& address) {
    in6_addr v6{};
    if (inet_pton(AF_INET6, address.c_str(), &v6) != 1) return address;
    thread_local std::array<char, 9> network;
    network[0] = '6';
    std::memcpy(network.data() + 1, v6.s6_addr, 8);
    return {network.data(), network.size()};
}

// What a bucket is for: 'a' or 'u' (an address or a user), the class of the route, and whose it is. Routes
// that anyone may write to are those that sign in.
std::string bucket_key(char kind, const mounted_route* to, std::string_view whose) {
    const bool reads = !to || to->method == verb::get || to->method == verb::head;
    std::string key{kind, reads ? 'r' : to->who == access::anyone ? 's' : 'w'};
    key += whose;
    return key;
}

telemetry::trace_context trace_of(const request& in) {
    const auto header = in.header("traceparent");
    if (!header.empty())
        if (const auto parent = telemetry::trace_context::parse(header)) return parent->child();
    return telemetry::trace_context::make(telemetry::tracing());
}

}  // namespace

gateway::gateway(const router& routes, rate_limits& limits, gateway_options how, gateway_hooks hooks)
    : routes_(routes), limits_(limits), how_(std::move(how)), hooks_(std::move(hooks)) {}

task<response> gateway::handle(request& in) {
    const auto begin = steady::now();
    const auto trace = trace_of(in);
    exchange x{.in = in, .request_id = uuid::v7().to_string(), .trace_parent = trace.to_string()};
    telemetry::span span("request", trace, telemetry::span::kind::server);
    const auto found = routes_.find(in.method, in.path);
    if (found.route) x.route = found.route->label;
    response answer;
    pace p;
    try {
        answer = co_await admit(x, found, p);
    } catch (const overloaded&) {
        answer = problem({503, "unavailable", "The service is busy: try again", {}, {}, 1});
    } catch (const std::exception& e) {
        auto known = hooks_.outage ? hooks_.outage(std::current_exception()) : std::nullopt;
        if (!known)
            log::error("request.failed", {{"request_id", log::text(x.request_id)},
                                          {"route", log::text(x.route)},
                                          {"error", log::text(e.what())}});
        answer = known ? std::move(*known) : problem(500, "internal", "Something went wrong on our side");
    }
    if (hooks_.restate && answer.content_type == problem_type)
        hooks_.restate(x.route.empty() ? in.path : x.route, answer);
    add_common_headers(x, p, answer);
    span.attribute("http.route", x.route);
    span.attribute("http.response.status_code", answer.status);
    if (hooks_.answered) hooks_.answered(x.route, answer.status, steady::now() - begin);
    co_return answer;
}

void gateway::dress(const request& in, response& r) const {
    const exchange x{.in = in, .request_id = uuid::v7().to_string(), .trace_parent = {}};
    add_common_headers(x, pace{}, r);
}

task<std::optional<response>> gateway::limit(rate_limiter& by, std::string key, pace& p) {
    std::optional<rate_limiter::verdict> said;
    if (hooks_.take_shared) said = co_await hooks_.take_shared(key, by.allowed());
    if (!said) said = by.take(key, steady::now());
    p.see(*said, by.allowed());
    if (!said->allowed) co_return too_many(said->retry_after_seconds);
    co_return std::nullopt;
}

task<response> gateway::admit(exchange& x, const router::match& found, pace& p) {
    if (auto answer = preflight(x.in, found)) co_return std::move(*answer);
    auto refusal = co_await limit(limits_.by_address, bucket_key('a', found.route, network_of(x.in.peer)), p);
    if (refusal) co_return std::move(*refusal);
    if (!found.route && found.allowed.empty())
        co_return problem(404, "not_found", "There is nothing at this address");
    if (!found.route) {
        response r = problem(405, "method_not_allowed", "This address does not offer that method");
        r.headers.emplace_back("allow", found.allowed);
        co_return r;
    }
    // What S3 says of its own parameters, storage/ says.
    if (!has_objects(x.in) && !is_well_formed_query(x.in.query))
        co_return problem(400, "malformed_query", "The query is not percent-encoded UTF-8");
    x.path_values = found.values;
    co_return co_await run(x, *found.route, p);
}

task<response> gateway::run(exchange& x, const mounted_route& to, pace& p) {
    if (to.who != access::anyone) {
        if (auto refusal = co_await identify(x, to, p)) co_return std::move(*refusal);
    }
    if (to.key != idempotent::no) {
        if (auto refusal = read_idempotency_key(x, to)) co_return std::move(*refusal);
    }
    co_return co_await to.handle(x);
}

task<std::optional<response>> gateway::identify(exchange& x, const mounted_route& to, pace& p) {
    const auto bearer = bearer_of(x.in);
    if (bearer.empty()) co_return unauthenticated(false);
    auto who = co_await hooks_.authenticate(bearer);
    if (!who) co_return unauthenticated(true);
    x.who = std::move(*who);
    if (!has_role(*x.who, to.who)) co_return problem(403, "forbidden", "Your account may not do this");
    if (takes_second_factor(to.who) && !x.who->second_factor)
        co_return problem(403, "second_factor_required", "Sign in again with the code of your authenticator");
    const auto& id = x.who->id.value.bytes;
    const std::string_view whose(reinterpret_cast<const char*>(id.data()), id.size());
    co_return co_await limit(limits_.by_user, bucket_key('u', &to, whose), p);
}

std::optional<response> gateway::read_idempotency_key(exchange& x, const mounted_route& to) {
    const auto key = x.in.header("idempotency-key");
    if (key.empty()) {
        if (to.key == idempotent::optional) return std::nullopt;
        return problem(400, "idempotency_key_required", "Send an Idempotency-Key header, e.g. a new UUID");
    }
    const bool visible = std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    if (key.size() > 255 || !visible)
        return problem(400, "idempotency_key_invalid",
                       "An Idempotency-Key is 1 to 255 visible ASCII characters");
    x.idempotency = idempotency_key{std::string(key), fingerprint_of(x.in)};
    return std::nullopt;
}

bool gateway::allowed_origin(std::string_view origin) const {
    return std::find(how_.allowed_origins.begin(), how_.allowed_origins.end(), origin) !=
           how_.allowed_origins.end();
}

bool gateway::takes_cookies(const request& in) const {
    return !how_.credentials_below.empty() && in.path.starts_with(how_.credentials_below);
}

bool gateway::has_objects(const request& in) const {
    return !how_.objects_below.empty() && in.path.starts_with(how_.objects_below);
}

// A preflight tells nothing to an origin that is not on the list: the browser then refuses on its own.
std::optional<response> gateway::preflight(const request& in, const router::match& found) const {
    if (in.method != verb::options || in.header("access-control-request-method").empty()) return std::nullopt;
    if (!found.route && found.allowed.empty()) return std::nullopt;
    response r;
    r.status = 204;
    if (allowed_origin(in.header("origin"))) {
        r.headers.emplace_back("access-control-allow-methods", found.allowed);
        const auto wanted = has_objects(in) ? in.header("access-control-request-headers") : allowed_headers;
        r.headers.emplace_back("access-control-allow-headers", std::string(wanted));
        r.headers.emplace_back("access-control-max-age", "600");
    }
    return r;
}

void gateway::pace::see(const rate_limiter::verdict& v, const rate& r) {
    if (left && left->remaining <= v.remaining) return;
    left = v;
    of = r;
}

void gateway::add_common_headers(const exchange& x, const pace& p, response& r) const {
    r.headers.emplace_back("x-request-id", x.request_id);
    if (p.left) {
        const double missing = p.of.burst - p.left->remaining;
        r.headers.emplace_back("ratelimit-limit", std::to_string(static_cast<int>(p.of.burst)));
        r.headers.emplace_back("ratelimit-remaining", std::to_string(p.left->remaining));
        r.headers.emplace_back(
            "ratelimit-reset",
            std::to_string(static_cast<int>(missing / std::max(p.of.per_second, 0.001)) + 1));
    }
    const auto origin = x.in.header("origin");
    if (origin.empty()) return;
    r.headers.emplace_back("vary", "Origin");
    if (!allowed_origin(origin)) return;
    r.headers.emplace_back("access-control-allow-origin", std::string(origin));
    if (takes_cookies(x.in)) r.headers.emplace_back("access-control-allow-credentials", "true");
    std::string exposed(exposed_headers);
    if (has_objects(x.in)) exposed += exposed_of_objects;
    r.headers.emplace_back("access-control-expose-headers", std::move(exposed));
}

}  // namespace astrotalk::http
