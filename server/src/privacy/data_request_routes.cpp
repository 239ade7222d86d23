#include "core/aadhaar.hpp"
#include "http/json.hpp"
#include "http/page.hpp"
#include "privacy/data_requests.hpp"

namespace astrotalk::privacy {
namespace {

using http::exchange;
using http::response;

struct export_answer {
    uuid id;
    std::string state;
    instant asked_at;
    std::optional<instant> ready_at, expires_at;
    std::optional<http::raw_json> document, certificate;
};
BOOST_DESCRIBE_STRUCT(export_answer, (), (id, state, asked_at, ready_at, expires_at, document, certificate))

struct hold_body {
    astrotalk::user_id user_id;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(hold_body, (), (user_id, reason))

struct lift_body {
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(lift_body, (), (reason))

response not_found() { return http::problem(404, "not_found", "There is nothing of that id."); }

response refused(const export_refusal& why) {
    switch (why.why) {
        case export_error::signed_out:
            return http::problem(401, "unauthenticated", "The user may not sign in any more.");
        case export_error::sign_in_again:
            return http::problem(403, "sign_in_again",
                                 "This needs a sign-in of the last ten minutes: sign in again.");
        case export_error::too_many: {
            const auto wait = static_cast<int>(why.wait_seconds);
            return http::problem({.status = 429,
                                  .code = "too_many_exports",
                                  .title = "Three copies a day are made at most.",
                                  .errors = {},
                                  .extra = {{"retryAfter", std::to_string(wait)}},
                                  .retry_after_seconds = wait});
        }
        case export_error::in_progress: break;
    }
    return http::problem(409, "export_in_progress", "A copy is being made already.");
}

export_answer shown(export_entry from) {
    std::optional<http::raw_json> document, certificate;
    if (from.document) document = http::raw_json{from.document->reveal()};
    if (from.certificate) certificate = http::raw_json{std::move(*from.certificate)};
    return {from.id,         std::move(from.state), from.asked_at,         from.ready_at,
            from.expires_at, std::move(document),   std::move(certificate)};
}

task<response> post_export(request_service& s, exchange& x) {
    auto asked = co_await ask_export(s, *x.who, x.request_id);
    if (!asked) co_return refused(asked.error());
    co_return http::ok(shown(std::move(*asked)), 202);
}

task<response> get_export(request_service& s, exchange& x) {
    const auto id = uuid::parse(x.path_values[0]);
    if (!id) co_return not_found();
    auto found = co_await take_export(s, *x.who, *id, x.request_id);
    if (!found) co_return not_found();
    auto answer = http::ok(shown(std::move(*found)));
    answer.headers.emplace_back("cache-control", "no-store");
    co_return answer;
}

// Something to read, of at most so many characters; lines only where they are wanted.
std::optional<std::string> fault_of(std::string_view text, std::ptrdiff_t most, bool lines) {
    const auto characters = std::ranges::count_if(text, [](unsigned char c) { return (c & 0xc0) != 0x80; });
    const bool printable = std::ranges::none_of(
        text, [&](unsigned char c) { return (c < 0x20 && !(lines && c == '\n')) || c == 0x7f; });
    if (characters > most || !printable || text.find_first_not_of(" \n") == std::string_view::npos)
        return fmt::format("why, 1 to {} printable characters", most);
    if (holds_aadhaar_number(text)) return std::string(no_aadhaar_number);
    return std::nullopt;
}

data_officer officer_of(const exchange& x, std::string reason) {
    return {x.caller(), x.who->in_group("admin") ? "admin" : "support", std::move(reason), x.request_id};
}

task<response> get_requests(request_service& s, exchange& x) {
    const auto asked = http::page_of(x.in);
    if (!asked) co_return http::problem(asked.error());
    const auto before = http::cursor_id(*asked, http::highest_id);
    if (!before) co_return http::problem(before.error());
    auto reason = x.in.parameter("reason").value_or("");
    if (auto fault = fault_of(reason, 200, false))
        co_return http::problem(http::faults{{{"reason", std::move(*fault)}}});
    auto rows = co_await read_requests(s, officer_of(x, std::move(reason)), *before, asked->limit);
    co_return http::ok(http::page_by_id(std::move(rows), *asked));
}

task<response> post_hold(request_service& s, exchange& x) {
    auto body = http::from_json<hold_body>(x.in.body);
    if (!body) co_return http::problem(body.error());
    if (auto fault = fault_of(body->reason, 500, true))
        co_return http::problem(http::faults{{{"/reason", std::move(*fault)}}});
    const auto made = co_await set_hold(s, officer_of(x, std::move(body->reason)), body->user_id);
    co_return made ? http::ok(*made, 201) : not_found();
}

task<response> post_lift(request_service& s, exchange& x) {
    auto body = http::from_json<lift_body>(x.in.body);
    if (!body) co_return http::problem(body.error());
    if (auto fault = fault_of(body->reason, 500, true))
        co_return http::problem(http::faults{{{"/reason", std::move(*fault)}}});
    const auto id = uuid::parse(x.path_values[0]);
    if (!id) co_return not_found();
    const auto lifted = co_await lift_hold(s, officer_of(x, std::move(body->reason)), *id);
    co_return lifted ? http::ok(*lifted) : not_found();
}

constexpr http::route<request_service> table[] = {
    {http::verb::post, "/v1/me/exports", http::access::signed_in, post_export},
    {http::verb::get, "/v1/me/exports/{id}", http::access::signed_in, get_export},
    {http::verb::get, "/v1/admin/data-requests", http::access::support, get_requests},
    {http::verb::post, "/v1/admin/legal-holds", http::access::admin, post_hold},
    {http::verb::post, "/v1/admin/legal-holds/{id}/lift", http::access::admin, post_lift},
};

}  // namespace

std::span<const http::route<request_service>> request_routes() { return table; }

}  // namespace astrotalk::privacy
