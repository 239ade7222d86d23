// Signing in for the web apps. The refresh token lives in a cookie that no script reads (web_session.hpp);
// answers hand out access and ID tokens.
#include "http/json.hpp"
#include "identity/identity.hpp"
#include "identity/second_factor.hpp"
#include "identity/send_code.hpp"
#include "identity/tokens.hpp"
#include "identity/user_agent.hpp"

namespace astrotalk::identity {
namespace {

using http::exchange;
using http::response;

// A message is with its reader by then, or will not come: before it, an app offers no second one.
constexpr int resend_seconds = 30;
// As the challenges of the second factor last.
constexpr int factor_seconds = 180;

enum class start_purpose : std::uint8_t { sign_in, sign_up };
BOOST_DESCRIBE_ENUM(start_purpose, sign_in, sign_up)

struct start_request {
    personal phone;
    start_purpose purpose = start_purpose::sign_in;
    std::optional<personal> name;  // these two of a sign-up
    std::optional<user_kind> user_type;
};
BOOST_DESCRIBE_STRUCT(start_request, (), (phone, purpose, name, user_type))

struct start_answer {
    std::string session, destination;
    int code_length = 0, expires_in = 0, retry_after = 0;  // seconds
};
BOOST_DESCRIBE_STRUCT(start_answer, (), (session, destination, code_length, expires_in, retry_after))

struct verify_request {
    std::string session;
    personal phone;
    std::optional<secret> code;  // none when an authenticator has just been set up
};
BOOST_DESCRIBE_STRUCT(verify_request, (), (session, phone, code))

struct tokens_answer {
    std::string access_token, id_token;
    int expires_in = 0;  // seconds
};
BOOST_DESCRIBE_STRUCT(tokens_answer, (), (access_token, id_token, expires_in))

// What a right code leads to: tokens, or the second factor. One that must be set up first is, by
// AssociateSoftwareToken and VerifySoftwareToken with this session; the session of the latter comes here.
enum class verified : std::uint8_t { signed_in, second_factor, set_up_second_factor };
BOOST_DESCRIBE_ENUM(verified, signed_in, second_factor, set_up_second_factor)

struct verify_answer : tokens_answer {
    verified outcome = verified::signed_in;
};
BOOST_DESCRIBE_STRUCT(verify_answer, (tokens_answer), (outcome))

struct factor_answer {
    verified outcome = verified::second_factor;
    std::string session;
    int expires_in = 0;  // seconds
    std::optional<personal> device;
};
BOOST_DESCRIBE_STRUCT(factor_answer, (), (outcome, session, expires_in, device))

struct code {
    int status;
    std::string_view name;
    const char* title;
};

code code_of(error why) {
    switch (why) {
        case error::too_many_codes: return {429, "too_many_codes", "Too many codes were asked for: wait."};
        case error::locked_out: return {429, "locked_out", "Too many wrong codes: wait before another."};
        case error::code_expired: return {410, "code_expired", "The code has expired: ask for another."};
        case error::session_ended:
        case error::token_not_valid:
        case error::token_revoked:
        case error::token_expired: return {410, "session_ended", "The session has ended: sign in again."};
        case error::token_reused:
            return {410, "session_reused",
                    "The session was used from elsewhere and has ended: sign in again."};
        case error::code_mismatch: return {409, "code_mismatch", "The code is wrong."};
        case error::user_disabled: return {403, "user_disabled", "The account is disabled."};
    }
    __builtin_unreachable();
}

// Only those that an answer has; nothing is set up or changed here.
code code_of(factor_error why) {
    switch (why) {
        case factor_error::locked_out: return code_of(error::locked_out);
        case factor_error::code_mismatch: return code_of(error::code_mismatch);
        case factor_error::code_used: return {409, "code_used", "The code has been used: wait for the next."};
        case factor_error::user_disabled: return code_of(error::user_disabled);
        case factor_error::session_ended:
        case factor_error::proof_wanted:
        case factor_error::sign_in_again:
        case factor_error::must_have:
        case factor_error::not_set_up: break;
    }
    return code_of(error::session_ended);
}

template <class Error>
response refused(Error why) {
    const auto [status, name, title] = code_of(why);
    return http::problem(status, name, title);
}

response refused(const send_refusal& why) {
    const auto [status, name, title] = code_of(why.why);
    const auto seconds = static_cast<int>(why.wait.count());
    return http::problem({status, name, title, {}, {{"retryAfter", std::to_string(seconds)}}, seconds});
}

response refused(std::string pointer, std::string expected) {
    return http::problem(http::faults{{{std::move(pointer), std::move(expected)}}});
}
response no_phone() { return refused("/phone", "a mobile number in E.164 of a country that is served"); }

// Of every route here: what another site has a browser send is refused before anything is read.
std::optional<response> refuse_strangers(const service& s, const exchange& x) {
    if (!sent_by_our_page(x.in, s.how.web))
        return http::problem(403, "cross_site", "Only the pages of this service may ask for this.");
    if (!is_json(x.in))
        return http::problem(415, "unsupported_media_type", "Send application/json as content-type.");
    return std::nullopt;
}

struct sent_code {
    session_kind kind;
    uuid challenge;
};

task<result<sent_code, send_refusal>> send(service& s, exchange& x, start_request asked, phone_number to) {
    if (asked.purpose == start_purpose::sign_in) {
        const auto sent =
            co_await send_code(s, apps_client(s), std::move(to), code_purpose::sign_in, sender_of(x.in));
        if (!sent) co_return sent.error();
        co_return sent_code{session_kind::sign_in, *sent};
    }
    sign_up_request wanted{.phone = std::move(to),
                           .kind = asked.user_type.value_or(user_kind::user),
                           .name = std::move(asked.name),
                           .request_id = x.request_id,
                           .from = sender_of(x.in)};
    const auto made = co_await sign_up(s, apps_client(s), std::move(wanted));
    if (!made) co_return made.error();
    co_return sent_code{session_kind::sign_up, made->challenge};
}

task<response> post_start(service& s, exchange& x) {
    if (auto refusal = refuse_strangers(s, x)) co_return std::move(*refusal);
    auto asked = http::from_json<start_request>(x.in.body);
    if (!asked) co_return http::problem(asked.error());
    const auto phone = phone_number::parse(asked->phone.reveal(), s.how.served);
    if (!phone) co_return no_phone();
    if (asked->name && !acceptable_name(asked->name->reveal()))
        co_return refused("/name", "1 to 100 characters, none of them a control character");
    const bool signs_up = asked->purpose == start_purpose::sign_up;
    if (!signs_up && asked->name) co_return refused("/name", "nothing, except to sign up");
    if (!signs_up && asked->user_type) co_return refused("/userType", "nothing, except to sign up");
    const auto sent = co_await send(s, x, std::move(*asked), *phone);
    if (!sent) co_return refused(sent.error());
    const start_answer answer{
        .session = session_string(s.keys, sent->kind, sent->challenge, hash_of(s.keys, *phone)),
        .destination = phone->masked(),
        .code_length = s.how.otp_length,
        .expires_in = static_cast<int>(std::chrono::seconds(s.how.code_lifetime).count()),
        .retry_after = resend_seconds};
    co_return http::ok(answer);
}

// Tokens for the page, the refresh token for the cookie. A client without rotation keeps the one it has.
template <class Answer>
task<response> hand_out(service& s, signed_in to) {
    const auto client = apps_client(s);
    const instant ends = to.in.auth_time + std::chrono::seconds(client->refresh_seconds);
    auto tokens = co_await issue_tokens(s, client, std::move(to));
    Answer answer;
    answer.access_token = std::move(tokens.access);
    answer.id_token = std::move(tokens.id);
    answer.expires_in = tokens.expires_in;
    response r = http::ok(answer);
    if (tokens.refresh.empty()) co_return r;
    const auto life = std::chrono::ceil<std::chrono::seconds>(ends - clock::now());
    r.headers.emplace_back("set-cookie", session_cookie(tokens.refresh, life, s.how.web));
    co_return r;
}

response demand(const service& s, const factor_challenge& next) {
    const bool set_up = next.what == factor_demand::set_up;
    factor_answer answer{
        .outcome = set_up ? verified::set_up_second_factor : verified::second_factor,
        .session = session_string(s.keys, set_up ? session_kind::set_up : session_kind::factor, next.id, {}),
        .expires_in = factor_seconds,
        .device = {}};
    if (!next.device.empty()) answer.device = next.device;
    return http::ok(answer);
}

// What was asked for, by the kind of the session.
task<response> answer_sign_in(service& s, exchange& x, phone_number phone, uuid challenge, secret code) {
    auto done = co_await answer_code(s, apps_client(s), std::move(phone), challenge, std::move(code),
                                     x.request_id, sender_of(x.in));
    if (!done) co_return refused(done.error());
    if (const auto* next = std::get_if<factor_challenge>(&*done)) co_return demand(s, *next);
    co_return co_await hand_out<verify_answer>(s, std::get<signed_in>(std::move(*done)));
}

// The code confirms the phone, and the confirmation signs in.
task<response> answer_sign_up(service& s, exchange& x, phone_number phone, uuid challenge, secret code) {
    const auto client = apps_client(s);
    const auto confirmed =
        co_await confirm_sign_up(s, client, {phone, challenge, std::move(code), x.request_id});
    if (!confirmed) co_return refused(confirmed.error());
    auto done =
        co_await redeem_confirmation(s, client, std::move(phone), *confirmed, x.request_id, sender_of(x.in));
    if (!done) co_return refused(done.error());
    co_return co_await hand_out<verify_answer>(s, std::move(*done));
}

// With the code of an authenticator; without one when it has just been set up.
task<response> answer_second_factor(service& s, exchange& x, phone_number phone, uuid challenge,
                                    std::optional<secret> code) {
    const user_name who{.id = {}, .phone = std::move(phone)};
    auto done =
        code ? co_await answer_factor(s, apps_client(s), who, challenge, std::move(*code), x.request_id,
                                      sender_of(x.in))
             : co_await redeem_set_up(s, apps_client(s), who, challenge, x.request_id, sender_of(x.in));
    if (!done) co_return refused(done.error());
    co_return co_await hand_out<verify_answer>(s, std::move(*done));
}

task<response> post_verify(service& s, exchange& x) {
    if (auto refusal = refuse_strangers(s, x)) co_return std::move(*refusal);
    auto given = http::from_json<verify_request>(x.in.body);
    if (!given) co_return http::problem(given.error());
    const auto phone = phone_number::parse(given->phone.reveal(), s.how.served);
    if (!phone) co_return no_phone();
    const auto opens = [&](session_kind kind, const bytes& of) {
        return open_session(s.keys, kind, given->session, of);
    };
    if (const auto set_up = opens(session_kind::was_set_up, {}))
        co_return co_await answer_second_factor(s, x, *phone, *set_up, {});
    if (!given->code) co_return refused("/code", "the code that was sent, or that the authenticator shows");
    if (const auto factor = opens(session_kind::factor, {}))
        co_return co_await answer_second_factor(s, x, *phone, *factor, std::move(given->code));
    const bytes phone_hash = hash_of(s.keys, *phone);
    if (const auto challenge = opens(session_kind::sign_in, phone_hash))
        co_return co_await answer_sign_in(s, x, *phone, *challenge, std::move(*given->code));
    if (const auto challenge = opens(session_kind::sign_up, phone_hash))
        co_return co_await answer_sign_up(s, x, *phone, *challenge, std::move(*given->code));
    co_return refused(error::session_ended);
}

task<response> post_refresh(service& s, exchange& x) {
    if (auto refusal = refuse_strangers(s, x)) co_return std::move(*refusal);
    auto done = co_await refresh(s, apps_client(s), read_session_cookie(x.in, s.how.web), x.request_id,
                                 sender_of(x.in));
    if (done) co_return co_await hand_out<tokens_answer>(s, std::move(*done));
    response r = refused(done.error());
    r.headers.emplace_back("set-cookie", forget_session_cookie(s.how.web));
    co_return r;
}

// The cookie goes only when the session has ended: an outage on the way is told, and leaves it.
task<response> post_end(service& s, exchange& x) {
    if (auto refusal = refuse_strangers(s, x)) co_return std::move(*refusal);
    auto token = read_session_cookie(x.in, s.how.web);
    if (!token.empty()) co_await revoke_token(s, apps_client(s), std::move(token), x.request_id);
    response r;
    r.status = 204;
    r.headers.emplace_back("set-cookie", forget_session_cookie(s.how.web));
    co_return r;
}

using http::access;
using http::verb;

constexpr http::route<service> table[] = {
    {verb::post, "/v1/session/start", access::anyone, post_start},
    {verb::post, "/v1/session/verify", access::anyone, post_verify},
    {verb::post, "/v1/session/refresh", access::anyone, post_refresh},
    {verb::post, "/v1/session/end", access::anyone, post_end},
};

}  // namespace

std::span<const http::route<service>> session_routes() { return table; }

}  // namespace astrotalk::identity
