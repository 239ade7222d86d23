// "I lost this number": for whoever did, without a sign-in, and for staff who decide. The rules are in
// recovery.hpp.
#include <algorithm>

#include "core/aadhaar.hpp"
#include "http/json.hpp"
#include "http/page.hpp"
#include "identity/recovery.hpp"
#include "identity/send_code.hpp"
#include "identity/tokens.hpp"
#include "identity/user_agent.hpp"

namespace astrotalk::identity {
namespace {

using http::exchange;
using http::response;

struct ask_body {
    personal lost_phone, new_phone;
};
BOOST_DESCRIBE_STRUCT(ask_body, (), (lost_phone, new_phone))

struct ask_answer {
    uuid recovery_id;
    std::string code_sent_to;             // masked
    int code_length = 0, expires_in = 0;  // seconds
};
BOOST_DESCRIBE_STRUCT(ask_answer, (), (recovery_id, code_sent_to, code_length, expires_in))

struct code_body {
    secret code;
};
BOOST_DESCRIBE_STRUCT(code_body, (), (code))

// What there is to do for its asker.
enum class next_step : std::uint8_t { wait, sign_in, close_other_account, contact_support };
BOOST_DESCRIBE_ENUM(next_step, wait, sign_in, close_other_account, contact_support)

struct view_answer {
    uuid recovery_id;
    recovery_state state = recovery_state::waiting;
    next_step next = next_step::wait;
    instant earliest, closes_at;
    std::optional<std::string> support_contact;
};
BOOST_DESCRIBE_STRUCT(view_answer, (), (recovery_id, state, next, earliest, closes_at, support_contact))

struct proved_answer : view_answer {
    secret token;
};
BOOST_DESCRIBE_STRUCT(proved_answer, (view_answer), (token))

struct reason_body {
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(reason_body, (), (reason))

response not_found() { return http::problem(404, "not_found", "There is nothing of that id."); }

response refused(std::string pointer, std::string expected) {
    return http::problem(http::faults{{{std::move(pointer), std::move(expected)}}});
}

response refused(const send_refusal& why) {
    const auto seconds = static_cast<int>(why.wait.count());
    return http::problem({429,
                          "too_many_codes",
                          "Too many codes were asked for: wait.",
                          {},
                          {{"retryAfter", std::to_string(seconds)}},
                          seconds});
}

response refused(proof_error why) {
    switch (why) {
        case proof_error::locked_out:
            return http::problem(429, "locked_out", "Too many wrong codes: wait before another.");
        case proof_error::code_expired:
            return http::problem(410, "code_expired", "The code has expired: ask once more.");
        case proof_error::code_mismatch: return http::problem(409, "code_mismatch", "The code is wrong.");
        case proof_error::number_taken:
            return http::problem(409, "number_taken",
                                 "The new number has an account: close that one, or use another number.");
    }
    __builtin_unreachable();
}

response refused(decision_error why) {
    switch (why) {
        case decision_error::not_found: return not_found();
        case decision_error::not_open:
            return http::problem(409, "not_open", "It was decided before, or has ended.");
        case decision_error::other_approved:
            return http::problem(409, "other_approved",
                                 "Another request for this account is approved: reject that one first.");
    }
    __builtin_unreachable();
}

next_step step_after(recovery_state state) {
    switch (state) {
        case recovery_state::waiting:
        case recovery_state::approved: return next_step::wait;
        case recovery_state::moved: return next_step::sign_in;
        case recovery_state::number_taken: return next_step::close_other_account;
        case recovery_state::closed: return next_step::contact_support;
    }
    __builtin_unreachable();
}

void show(view_answer& answer, const service& s, const recovery_view& view) {
    answer.recovery_id = view.id;
    answer.state = view.state;
    answer.next = step_after(view.state);
    answer.earliest = view.earliest;
    answer.closes_at = view.closes_at;
    if (!s.how.support_contact.empty()) answer.support_contact = s.how.support_contact;
}

task<response> post_recovery(service& s, exchange& x) {
    auto asked = http::from_json<ask_body>(x.in.body);
    if (!asked) co_return http::problem(asked.error());
    const std::string expected = "a mobile number in E.164 of a country that is served";
    const auto lost = phone_number::parse(asked->lost_phone.reveal(), s.how.served);
    if (!lost) co_return refused("/lostPhone", expected);
    const auto to = phone_number::parse(asked->new_phone.reveal(), s.how.served);
    if (!to) co_return refused("/newPhone", expected);
    if (to->reveal() == lost->reveal()) co_return refused("/newPhone", "another number than the lost one");
    const auto sent = co_await ask_recovery(
        s, apps_client(s), {.lost = *lost, .to = *to, .from = sender_of(x.in), .request_id = x.request_id});
    if (!sent) co_return refused(sent.error());
    const ask_answer answer{
        .recovery_id = *sent,
        .code_sent_to = to->masked(),
        .code_length = s.how.otp_length,
        .expires_in = static_cast<int>(std::chrono::seconds(s.how.code_lifetime).count())};
    co_return http::ok(answer, 202);
}

task<response> post_proof(service& s, exchange& x) {
    auto given = http::from_json<code_body>(x.in.body);
    if (!given) co_return http::problem(given.error());
    const auto id = uuid::parse(x.path_values[0]);
    if (!id) co_return refused(proof_error::code_expired);
    auto proved = co_await prove_recovery(s, *id, std::move(given->code), x.request_id);
    if (!proved) co_return refused(proved.error());
    proved_answer answer;
    show(answer, s, proved->now);
    answer.token = std::move(proved->token);
    co_return http::ok(answer);
}

task<response> get_recovery(service& s, exchange& x) {
    const auto id = uuid::parse(x.path_values[0]);
    const auto token = x.in.header("x-recovery-token");
    if (!id || !is_refresh_token(token)) co_return not_found();
    const auto view = co_await find_recovery(s, *id, secret(std::string(token)));
    if (!view) co_return not_found();
    view_answer answer;
    show(answer, s, *view);
    co_return http::ok(answer);
}

// Something to read, of at most so many characters; lines only where they are wanted.
bool is_reason(std::string_view text, std::ptrdiff_t most, bool lines) {
    const auto characters = std::ranges::count_if(text, [](unsigned char c) { return (c & 0xc0) != 0x80; });
    return characters <= most && text.find_first_not_of(" \n") != std::string_view::npos &&
           std::ranges::none_of(
               text, [&](unsigned char c) { return (c < 0x20 && !(lines && c == '\n')) || c == 0x7f; });
}

task<response> get_recoveries(service& s, exchange& x) {
    const auto asked = http::page_of(x.in);
    if (!asked) co_return http::problem(asked.error());
    const auto before = http::cursor_id(*asked, http::highest_id);
    if (!before) co_return http::problem(before.error());
    auto reason = x.in.parameter("reason");
    if (!reason || !is_reason(*reason, 200, false))
        co_return refused("reason", "why this is read, 1 to 200 printable characters");
    if (holds_aadhaar_number(*reason)) co_return refused("reason", std::string(no_aadhaar_number));
    recovery_reader who{.id = x.caller(),
                        .role = x.who->in_group("admin") ? "admin" : "support",
                        .reason = std::move(*reason),
                        .request_id = x.request_id};
    auto rows = co_await read_recoveries(s, std::move(who), *before, asked->limit);
    co_return http::ok(http::page_by_id(std::move(rows), *asked));
}

task<response> decide(service& s, exchange& x, recovery_verdict what) {
    auto body = http::from_json<reason_body>(x.in.body);
    if (!body) co_return http::problem(body.error());
    if (!is_reason(body->reason, 500, true)) co_return refused("/reason", "1 to 500 printable characters");
    const auto id = uuid::parse(x.path_values[0]);
    if (!id) co_return not_found();
    const auto done = co_await decide_recovery(s.pg, {.which = *id,
                                                      .what = what,
                                                      .by = x.caller(),
                                                      .reason = std::move(body->reason),
                                                      .request_id = x.request_id});
    co_return done ? http::ok(*done) : refused(done.error());
}
task<response> post_approval(service& s, exchange& x) { return decide(s, x, recovery_verdict::approve); }
task<response> post_rejection(service& s, exchange& x) { return decide(s, x, recovery_verdict::reject); }

using http::access;
using http::verb;

constexpr http::route<service> table[] = {
    {verb::post, "/v1/recoveries", access::anyone, post_recovery},
    {verb::post, "/v1/recoveries/{id}/verify", access::anyone, post_proof},
    {verb::get, "/v1/recoveries/{id}", access::anyone, get_recovery},
    {verb::get, "/v1/admin/recoveries", access::support, get_recoveries},
    {verb::post, "/v1/admin/recoveries/{id}/approve", access::admin, post_approval},
    {verb::post, "/v1/admin/recoveries/{id}/reject", access::admin, post_rejection},
};

}  // namespace

std::span<const http::route<service>> recovery_routes() { return table; }

}  // namespace astrotalk::identity
