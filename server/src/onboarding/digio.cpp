#include "onboarding/digio.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/json_text.hpp"
#include "core/log.hpp"
#include "core/loop.hpp"
#include "crypto/crypto.hpp"
#include "telemetry/metrics.hpp"

namespace astrotalk::onboarding::digio {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr int most_tries = 3;
constexpr std::size_t largest_file = 8 << 20;

std::string without_slash(std::string url) {
    while (url.ends_with('/')) url.pop_back();
    return url;
}

std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const unsigned char c : text) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           c == '-' || c == '_' || c == '.' || c == '~';
        if (plain)
            out += static_cast<char>(c);
        else
            out += fmt::format("%{:02X}", c);
    }
    return out;
}

// Inferred: samples show Indian numbers without the country's code.
std::string customer_identifier(const personal& phone) {
    const std::string& number = phone.reveal();
    return number.starts_with("+91") ? number.substr(3) : number;
}

// A member of its own, where the name has only letters that Digio takes.
std::string customer_name(const personal& name) {
    const std::string& text = name.reveal();
    const bool plain = std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ' || c == '.';
    });
    return plain && !text.empty() && text.size() <= 100 ? fmt::format(R"("customer_name":{},)", quoted(text))
                                                        : std::string();
}

// Answers that another attempt could change.
bool may_pass(int status) { return status >= 500 || status == 429 || status == 408; }

void count(std::string_view call, std::string_view outcome) {
    telemetry::counter_of("astrotalk_digio_calls_total", "Calls to Digio by their outcome.",
                          {{"call", call}, {"outcome", outcome}})
        .add();
}

kyc::silence silence_of(const std::optional<http::client_response>& answer) {
    if (!answer || may_pass(answer->status)) return kyc::silence::unavailable;
    return answer->status == 404 ? kyc::silence::not_found : kyc::silence::refused;
}

}  // namespace

struct client::call {
    std::string_view name;  // for the log and metrics
    http::verb method = http::verb::post;
    std::string path{};
    std::string body{};
    std::size_t largest = 1 << 20;
};

client::client(http::client& out, http::breaker& guard, options how)
    : out_(out), guard_(guard), how_(std::move(how)) {
    how_.api_url = without_slash(std::move(how_.api_url));
    how_.gateway_url = without_slash(std::move(how_.gateway_url));
    authorization_ = "Basic " + crypto::base64_encode(how_.client_id + ":" + how_.client_secret.reveal());
}

http::client_request client::to_request(const call& what) const {
    http::client_request out;
    out.method = what.method;
    out.url = how_.api_url + what.path;
    out.headers = {{"authorization", authorization_}, {"content-type", "application/json"}};
    out.body = what.body;
    out.body_limit = what.largest;
    return out;
}

// Nothing: it did not answer, or was not asked.
task<std::optional<http::client_response>> client::once(const call& what,
                                                        std::chrono::milliseconds deadline) {
    if (!guard_.allows(steady::now())) {
        count(what.name, "held_back");
        co_return std::nullopt;
    }
    auto request = to_request(what);
    request.deadline = deadline;
    std::optional<http::client_response> answer;
    try {
        answer = co_await out_.send(std::move(request));
    } catch (const http::upstream_error&) {
        // Why is of no use to anybody here, and may hold a part of the address.
    }
    if (answer && answer->status < 500)
        guard_.succeeded();
    else
        guard_.failed(steady::now());
    const auto code = answer && answer->status / 100 != 2 ? parse_error_code(answer->body) : std::string();
    count(what.name, !answer ? "no_answer" : answer->status / 100 == 2 ? "ok" : "refused");
    if (!answer || answer->status / 100 != 2)
        log::warning("digio.failed", {{"call", log::text(what.name)},
                                      {"status", answer ? answer->status : 0},
                                      {"code", log::text(code)}});
    co_return answer;
}

// For what may be asked twice. All tries together keep the deadline.
task<std::optional<http::client_response>> client::repeat(call what) {
    const auto until = steady::now() + how_.deadline;
    for (int left = most_tries;; --left) {
        const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(until - steady::now());
        auto answer = co_await once(what, rest);
        const auto pause = std::chrono::milliseconds(
            crypto::random_below(static_cast<std::uint64_t>(200 << (most_tries - left))) + 1);
        const bool again = left > 1 && (!answer || may_pass(answer->status)) && !guard_.open(steady::now()) &&
                           steady::now() + pause + 100ms < until;
        if (!again) co_return answer;
        co_await sleep_for(pause);
    }
}

// Sent once, whatever comes: Digio knows no key by which it would recognise a repetition.
task<result<kyc::created_request, kyc::create_fault>> client::create(std::string transaction,
                                                                     personal identifier, personal name) {
    if (guard_.open(steady::now())) co_return kyc::create_fault::not_sent;
    call what{.name = "create", .path = "/client/kyc/v2/request/with_template"};
    what.body =
        fmt::format(R"({{"customer_identifier":{},"template_name":{},"transaction_id":{},"reference_id":{},)"
                    R"({}"expire_in_days":1,"generate_access_token":true,"notify_customer":false}})",
                    quoted(customer_identifier(identifier)), quoted(how_.template_name), quoted(transaction),
                    quoted(transaction), customer_name(name));
    const auto answer = co_await once(what, how_.deadline);
    if (!answer || may_pass(answer->status)) co_return kyc::create_fault::unanswered;
    if (answer->status / 100 != 2) co_return kyc::create_fault::refused;
    auto made = parse_created(answer->body);
    if (!made) co_return kyc::create_fault::unanswered;  // it said yes; to what, we cannot read
    co_return std::move(*made);
}

task<kyc::provider_answer> client::read(std::string kid) {
    const auto answer = co_await repeat(
        {.name = "response", .path = fmt::format("/client/kyc/v2/{}/response", kid), .body = "{}"});
    if (!answer || answer->status / 100 != 2) co_return silence_of(answer);
    auto view = parse_request(answer->body);
    if (!view || view->kid != kid) co_return kyc::silence::unavailable;
    co_return std::move(*view);
}

task<bool> client::approve(std::string kid) {
    const auto answer =
        co_await repeat({.name = "approve",
                         .path = fmt::format("/client/kyc/v2/request/{}/manage_approval", kid),
                         .body = R"({"status":"approved"})"});
    co_return answer && answer->status / 100 == 2;
}

task<std::optional<kyc::page_token>> client::renew_token(std::string kid, personal identifier) {
    call what{.name = "token", .path = "/user/auth/generate_token"};
    what.body = fmt::format(R"({{"entity_id":{},"identifier":{}}})", quoted(kid),
                            quoted(customer_identifier(identifier)));
    const auto answer = co_await repeat(std::move(what));
    if (!answer || answer->status / 100 != 2) co_return std::nullopt;
    co_return parse_token(answer->body);
}

task<std::optional<std::string>> client::media(std::string file_id, std::string_view doc_type) {
    call what{.name = "media", .method = http::verb::get};
    what.path = fmt::format("/client/kyc/v2/media/{}?doc_type={}", percent_encoded(file_id), doc_type);
    what.largest = largest_file;
    auto answer = co_await repeat(std::move(what));
    if (!answer || answer->status / 100 != 2) co_return std::nullopt;
    co_return std::move(answer->body);
}

// The random segment keeps a browser from showing an earlier visit's page.
secret client::page_url(const std::string& kid, const personal& identifier,
                        const kyc::page_token& with) const {
    auto url =
        fmt::format("{}/#/gateway/login/{}/{}/{}?token_id={}", how_.gateway_url, kid,
                    crypto::random_text(8, "abcdefghijklmnopqrstuvwxyz0123456789"),
                    percent_encoded(customer_identifier(identifier)), percent_encoded(with.id.reveal()));
    if (!how_.redirect_url.empty()) url += "&redirect_url=" + percent_encoded(how_.redirect_url);
    return secret(std::move(url));
}

}  // namespace astrotalk::onboarding::digio
