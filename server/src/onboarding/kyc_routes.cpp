#include "core/aadhaar.hpp"
#include "http/json.hpp"
#include "http/page.hpp"
#include "onboarding/domain.hpp"
#include "onboarding/kyc_staff.hpp"

namespace astrotalk::onboarding::kyc {
namespace {

using http::exchange;
using http::response;

struct code {
    int status;
    std::string_view name;
    const char* title;
};

code code_of(error why) {
    switch (why) {
        case error::idempotency_key_reused:
            return {422, "idempotency_key_reused", "This Idempotency-Key came with another request before."};
        case error::session_not_found: return {404, "kyc_not_found", "There is no such KYC session."};
        case error::profile_required:
            return {409, "profile_required", "Save your profile first: PUT /v1/astrologer/profile."};
        case error::already_verified: return {409, "already_verified", "The identity check has passed."};
        case error::rejected: return {409, "kyc_rejected", "The identity check was refused for good."};
        case error::in_progress: return {409, "kyc_in_progress", "A KYC session is open."};
        case error::attempts_exhausted:
            return {409, "kyc_attempts_exhausted", "All three attempts are used up."};
        case error::legal_name_required:
            return {409, "legal_name_required", "Say your legal name first: PUT /v1/astrologer/legal-name."};
        case error::consent_required:
            return {409, "consent_required", "Consent to the identity check first."};
        case error::too_many_sessions:
            return {429, "kyc_too_many_sessions", "Too many KYC sessions today: try again tomorrow."};
        case error::not_open: return {409, "kyc_not_open", "The session no longer waits for you."};
        case error::not_reviewable: return {409, "kyc_not_reviewable", "The session does not wait for you."};
        case error::second_admin_needed:
            return {409, "second_admin_needed", "Another administrator has to approve it as well."};
        case error::unavailable:
            return {503, "kyc_unavailable", "The identity check cannot be reached: nothing was used up."};
    }
    __builtin_unreachable();
}

response refused(const refusal& why) {
    const auto found = code_of(why.why);
    http::problem_detail detail{.status = found.status,
                                .code = found.name,
                                .title = found.title,
                                .errors = {},
                                .extra = {},
                                .retry_after_seconds = {}};
    if (why.open) detail.extra.emplace_back("session", http::to_json(*why.open));
    if (found.status == 429) detail.retry_after_seconds = 86400;
    if (found.status == 503) detail.retry_after_seconds = 10;
    return http::problem(detail);
}

caller caller_of(const exchange& x) {
    const auto device = x.in.header("x-device-id");
    const bool named = device.size() >= 8 && device.size() <= 128;
    return {x.caller(),
            {x.in.peer, std::string(x.in.header("user-agent")), named ? std::string(device) : std::string()},
            x.request_id};
}

bool signed_up_as_user(const exchange& x) { return x.who->user_type != "astrologer"; }
response not_astrologer() {
    return http::problem(403, "not_astrologer", "Only those who signed up as astrologers are checked.");
}

template <class T>
response answered(const outcome<T>& done, int status = 200) {
    return done ? http::ok(*done, status) : refused(done.error());
}

struct name_body {
    personal legal_name;
};
BOOST_DESCRIBE_STRUCT(name_body, (), (legal_name))

struct return_body {
    std::string status;
    std::optional<std::string> message, error_code;
};
BOOST_DESCRIBE_STRUCT(return_body, (), (status, message, error_code))

task<response> get_overview(service& s, exchange& x) {
    if (signed_up_as_user(x)) co_return not_astrologer();
    co_return http::ok(co_await read_overview(s, x.caller()));
}

task<response> put_legal_name(service& s, exchange& x) {
    if (signed_up_as_user(x)) co_return not_astrologer();
    auto sent = http::from_json<name_body>(x.in.body);
    if (!sent) co_return http::problem(sent.error());
    sent->legal_name = personal(trimmed(sent->legal_name.reveal()));
    const auto length = printable_length(sent->legal_name.reveal(), false);
    const bool digits = sent->legal_name.reveal().find_first_of("0123456789") != std::string::npos;
    if (!length || *length < 2 || *length > 100 || digits)
        co_return http::problem(
            http::faults{{{"/legalName", "2 to 100 printable characters without digits"}}});
    const auto done = co_await set_legal_name(s, caller_of(x), sent->legal_name);
    if (!done) co_return refused(done.error());
    co_return http::ok(*sent);
}

task<response> post_session(service& s, exchange& x) {
    if (signed_up_as_user(x)) co_return not_astrologer();
    const auto done = co_await start(s, caller_of(x), *x.idempotency);
    // Digio has not said yet whether there is one: GET /v1/astrologer/kyc will.
    co_return answered(done, done && done->state < state::open ? 202 : 201);
}

// The id of the path, or nothing.
std::optional<uuid> session_in(const exchange& x) { return uuid::parse(x.path_values[0]); }

task<response> post_token(service& s, exchange& x) {
    if (signed_up_as_user(x)) co_return not_astrologer();
    const auto id = session_in(x);
    if (!id) co_return refused({error::session_not_found});
    co_return answered(co_await renew_token(s, caller_of(x), *id));
}

task<response> post_return(service& s, exchange& x) {
    if (signed_up_as_user(x)) co_return not_astrologer();
    const auto sent = http::from_json<return_body>(x.in.body, {.string = 400});
    if (!sent) co_return http::problem(sent.error());
    const auto id = session_in(x);
    if (!id) co_return refused({error::session_not_found});
    const std::string said = sent->status == "success"  ? "success"
                             : sent->status == "cancel" ? "cancel"
                                                        : "other";
    co_return answered(co_await come_back(s, caller_of(x), *id, said), 202);
}

task<response> post_cancel(service& s, exchange& x) {
    if (signed_up_as_user(x)) co_return not_astrologer();
    const auto id = session_in(x);
    if (!id) co_return refused({error::session_not_found});
    co_return answered(co_await cancel(s, caller_of(x), *id));
}

constexpr http::route<service> table[] = {
    {http::verb::put, "/v1/astrologer/legal-name", http::access::astrologer, put_legal_name},
    {http::verb::get, "/v1/astrologer/kyc", http::access::astrologer, get_overview},
    {http::verb::post, "/v1/astrologer/kyc/sessions", http::access::astrologer, post_session,
     http::idempotent::required},
    {http::verb::post, "/v1/astrologer/kyc/sessions/{id}/token", http::access::astrologer, post_token},
    {http::verb::post, "/v1/astrologer/kyc/sessions/{id}/return", http::access::astrologer, post_return},
    {http::verb::post, "/v1/astrologer/kyc/sessions/{id}/cancel", http::access::astrologer, post_cancel},
};

std::string_view role_of(const exchange& x) { return x.who->in_group("admin") ? "admin" : "support"; }

// Who reads about people says why.
result<staff_member, http::faults> reader_of(const exchange& x) {
    auto reason = x.in.parameter("reason");
    const auto length = reason ? printable_length(*reason, false) : std::nullopt;
    if (!length || *length < 1 || *length > 200)
        return http::faults{{{"reason", "why this is read, 1 to 200 printable characters"}}};
    if (holds_aadhaar_number(*reason)) return http::faults{{{"reason", std::string(no_aadhaar_number)}}};
    return staff_member{x.caller(), std::string(role_of(x)), std::move(*reason), x.request_id};
}

struct reason_body {
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(reason_body, (), (reason))
struct reject_body {
    std::string reason;
    reject_code code{};
};
BOOST_DESCRIBE_STRUCT(reject_body, (), (reason, code))

template <class Body>
result<Body, http::faults> decision_in(const exchange& x) {
    auto body = http::from_json<Body>(x.in.body);
    if (!body) return body.error();
    if (auto found = check_reason(body->reason); !found.empty()) return http::faults{std::move(found)};
    return std::move(*body);
}

staff_member decider_of(const exchange& x, std::string reason) {
    return {x.caller(), std::string(role_of(x)), std::move(reason), x.request_id, x.in.peer};
}

response done_or(const outcome<void>& done) {
    if (!done) return refused(done.error());
    response r;
    r.status = 204;
    return r;
}

task<response> get_queue(service& s, exchange& x) {
    const auto asked = http::page_of(x.in);
    if (!asked) co_return http::problem(asked.error());
    const auto after = http::cursor_id(*asked, uuid());
    if (!after) co_return http::problem(after.error());
    auto rows = co_await read_queue(s, *after, asked->rows_to_read());
    co_return http::ok(http::page_by_id(std::move(rows), *asked));
}

task<response> get_case(service& s, exchange& x) {
    auto who = reader_of(x);
    if (!who) co_return http::problem(who.error());
    const auto id = session_in(x);
    if (!id) co_return refused({error::session_not_found});
    const auto found = co_await read_detail(s, std::move(*who), *id, false);
    co_return found ? http::ok(*found) : refused({error::session_not_found});
}

task<response> post_reveal(service& s, exchange& x) {
    auto body = decision_in<reason_body>(x);
    if (!body) co_return http::problem(body.error());
    const auto id = session_in(x);
    if (!id) co_return refused({error::session_not_found});
    const auto found = co_await read_detail(s, decider_of(x, std::move(body->reason)), *id, true);
    co_return found ? http::ok(*found) : refused({error::session_not_found});
}

task<response> post_approval(service& s, exchange& x) {
    auto body = decision_in<reason_body>(x);
    if (!body) co_return http::problem(body.error());
    const auto id = session_in(x);
    if (!id) co_return refused({error::session_not_found});
    co_return done_or(co_await approve(s, decider_of(x, std::move(body->reason)), *id));
}

task<response> post_rejection(service& s, exchange& x) {
    auto body = decision_in<reject_body>(x);
    if (!body) co_return http::problem(body.error());
    const auto id = session_in(x);
    if (!id) co_return refused({error::session_not_found});
    co_return done_or(co_await reject(s, decider_of(x, std::move(body->reason)), *id, body->code));
}

task<response> post_papers(service& s, exchange& x) {
    auto body = decision_in<reason_body>(x);
    if (!body) co_return http::problem(body.error());
    const auto id = user_id::parse(x.path_values[0]);
    if (!id) co_return refused({error::session_not_found});
    co_return done_or(co_await accept_papers(s, decider_of(x, std::move(body->reason)), *id));
}

task<response> get_deletions(service& s, exchange& x) {
    const auto asked = http::page_of(x.in);
    if (!asked) co_return http::problem(asked.error());
    const auto after = http::cursor_id(*asked, uuid());
    if (!after) co_return http::problem(after.error());
    auto rows = co_await read_deletions(s, *after, asked->rows_to_read());
    co_return http::ok(http::page_from(std::move(rows), *asked,
                                       [](const deletion& last) { return last.session_id.to_string(); }));
}

task<response> post_deletion_done(service& s, exchange& x) {
    auto body = decision_in<reason_body>(x);
    if (!body) co_return http::problem(body.error());
    const auto id = session_in(x);
    if (!id || !co_await finish_deletion(s, decider_of(x, std::move(body->reason)), *id))
        co_return refused({error::session_not_found});
    response r;
    r.status = 204;
    co_return r;
}

constexpr http::route<service> staff_table[] = {
    {http::verb::get, "/v1/admin/kyc", http::access::support, get_queue},
    {http::verb::get, "/v1/admin/kyc/{id}", http::access::support, get_case},
    {http::verb::post, "/v1/admin/kyc/{id}/reveal", http::access::admin, post_reveal},
    {http::verb::post, "/v1/admin/kyc/{id}/approve", http::access::admin, post_approval},
    {http::verb::post, "/v1/admin/kyc/{id}/reject", http::access::admin, post_rejection},
    {http::verb::post, "/v1/admin/astrologers/{id}/papers", http::access::admin, post_papers},
    {http::verb::get, "/v1/admin/kyc-deletions", http::access::support, get_deletions},
    {http::verb::post, "/v1/admin/kyc-deletions/{id}/done", http::access::admin, post_deletion_done},
};

}  // namespace

std::span<const http::route<service>> routes() { return table; }
std::span<const http::route<service>> staff_routes() { return staff_table; }

}  // namespace astrotalk::onboarding::kyc
