#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "core/clock.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "jobs/jobs.hpp"
#include "notification/push.hpp"

namespace astrotalk::notification {
namespace {

namespace json = boost::json;
using std::chrono::steady_clock;

constexpr std::chrono::seconds deadline{10};
constexpr std::chrono::seconds early{60};
constexpr std::chrono::seconds default_wait{30};

std::string as_json(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

std::string body_of(const push_message& what) {
    const auto tag = as_json(what.notification_id);
    return fmt::format(R"({{"message":{{"token":{},"notification":{{"title":{},"body":{}}},)"
                       R"("data":{{"kind":{},"notificationId":{}}},)"
                       R"("android":{{"priority":"HIGH","ttl":"86400s","notification":{{"tag":{}}}}},)"
                       R"("apns":{{"headers":{{"apns-priority":"10","apns-collapse-id":{}}}}}}}}})",
                       as_json(what.token.reveal()), as_json(what.title), as_json(what.body),
                       as_json(what.kind), tag, tag, tag);
}

std::string header_of(const http::client_response& answer, std::string_view name) {
    const auto found = std::ranges::find(answer.headers, name, &std::pair<std::string, std::string>::first);
    return found == answer.headers.end() ? std::string() : found->second;
}

// Its seconds; a date is not worth a parser, so that counts as the usual wait.
std::chrono::seconds retry_after(const http::client_response& answer) {
    const auto text = header_of(answer, "retry-after");
    int seconds = 0;
    const auto [at, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (text.empty() || failure != std::errc{} || at != text.data() + text.size() || seconds < 0)
        return default_wait;
    return std::chrono::seconds(seconds);
}

// "UNREGISTERED": FCM's own word in the error's details, or else its status.
std::string fault_of(const http::client_response& answer) {
    boost::system::error_code failed;
    const auto body = json::parse({answer.body.data(), answer.body.size()}, failed);
    if (failed || !body.is_object()) return {};
    const auto* error = body.get_object().if_contains("error");
    if (!error || !error->is_object()) return {};
    const auto& object = error->get_object();
    if (const auto* details = object.if_contains("details"); details && details->is_array())
        for (const auto& each : details->get_array())
            if (each.is_object())
                if (const auto* code = each.get_object().if_contains("errorCode"); code && code->is_string())
                    return std::string(code->get_string());
    const auto* status = object.if_contains("status");
    return status && status->is_string() ? std::string(status->get_string()) : std::string();
}

// Of fixed words and numbers: what a provider writes may repeat a token.
std::string known(std::string_view fault) {
    for (const std::string_view each :
         {"UNREGISTERED", "SENDER_ID_MISMATCH", "INVALID_ARGUMENT", "QUOTA_EXCEEDED", "UNAVAILABLE",
          "INTERNAL", "THIRD_PARTY_AUTH_ERROR", "UNAUTHENTICATED", "PERMISSION_DENIED", "NOT_FOUND"})
        if (fault == each) return " " + std::string(each);
    return {};
}

[[noreturn]] void refuse(const http::client_response& answer) {
    const auto fault = fault_of(answer);
    const auto said = fmt::format("FCM answered {}{}", answer.status, known(fault));
    if (fault == "UNREGISTERED" || fault == "SENDER_ID_MISMATCH") throw push_refused(true, said);
    if (answer.status == 429 || answer.status == 503) throw jobs::retry_later(retry_after(answer), said);
    // A key that was revoked or an account without rights is an operator's to put right, and then this goes.
    if (answer.status >= 500 || answer.status == 401 || answer.status == 403 || answer.status == 408)
        throw std::runtime_error(said);
    throw push_refused(false, said);
}

}  // namespace

fcm_push::fcm_push(http::client& out, thread_pool& signing, service_account who, fcm_options how)
    : out_(out), signing_(signing), who_(std::move(who)), how_(std::move(how)) {
    while (how_.url.ends_with('/')) how_.url.pop_back();
    if (how_.token_url.empty()) how_.token_url = who_.token_uri;
}

task<void> fcm_push::fetch_token() {
    const std::int64_t now = clock::now().time_since_epoch() / std::chrono::seconds(1);
    auto assertion =
        co_await signing_.run([this, now] { return token_assertion(who_, who_.token_uri, now); });
    http::client_request call;
    call.method = http::verb::post;
    call.url = how_.token_url;
    call.headers = {{"content-type", "application/x-www-form-urlencoded"}};
    call.body = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + assertion;
    call.deadline = deadline;
    const auto asked = steady_clock::now();
    const auto answer = co_await out_.send(std::move(call));
    const auto said = fmt::format("the token endpoint of FCM answered {}", answer.status);
    if (answer.status == 429 || answer.status == 503) throw jobs::retry_later(retry_after(answer), said);
    if (answer.status / 100 != 2) throw std::runtime_error(said);
    boost::system::error_code failed;
    const auto body = json::parse(answer.body, failed);
    const auto* object = failed ? nullptr : body.if_object();
    const auto* token = object ? object->if_contains("access_token") : nullptr;
    const auto* lasts = object ? object->if_contains("expires_in") : nullptr;
    if (!token || !token->is_string() || !lasts || !lasts->is_int64() || lasts->get_int64() < 1)
        throw std::runtime_error(said + " without a token");
    token_ = std::string(token->get_string());
    const std::chrono::seconds whole(std::min<std::int64_t>(lasts->get_int64(), 86'400));
    good_until_ = asked + std::max(whole - early, whole / 2);
}

// Whoever comes while one asks waits for what that one is told, and asks themselves if it failed.
task<std::string> fcm_push::access_token() {
    while (fetching_) {
        if (!co_await fetched_.wait_for(2 * deadline)) throw std::runtime_error("no token for FCM in time");
    }
    if (steady_clock::now() < good_until_) co_return token_;
    fetching_ = true;
    fetched_.reset();
    std::exception_ptr failure;
    try {
        co_await fetch_token();
    } catch (...) {
        failure = std::current_exception();
    }
    fetching_ = false;
    fetched_.set();
    if (failure) std::rethrow_exception(failure);
    co_return token_;
}

task<void> fcm_push::send(push_message what) {
    const auto token = co_await access_token();
    http::client_request call;
    call.method = http::verb::post;
    call.url = fmt::format("{}/v1/projects/{}/messages:send", how_.url, who_.project_id);
    call.headers = {{"content-type", "application/json"}, {"authorization", "Bearer " + token}};
    call.body = body_of(what);
    call.deadline = deadline;
    const auto answer = co_await out_.send(std::move(call));
    if (answer.status / 100 == 2) co_return;
    // The token may have been revoked before its time; the next attempt has a new one.
    if (answer.status == 401 && token == token_) good_until_ = {};
    refuse(answer);
}

}  // namespace astrotalk::notification
