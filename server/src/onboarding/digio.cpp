#include "onboarding/digio.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/json_text.hpp"
#include "crypto/crypto.hpp"

namespace astrotalk::onboarding::digio {
namespace {

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

kyc::silence silence_of(const std::optional<http::client_response>& answer) {
    if (!answer || http::may_pass(answer->status)) return kyc::silence::unavailable;
    return answer->status == 404 ? kyc::silence::not_found : kyc::silence::refused;
}

}  // namespace

client::client(http::client& out, http::breaker& guard, options how)
    : how_(std::move(how)),
      api_(out, guard,
           {.provider = "digio",
            .url = how_.api_url,
            .headers = {{"authorization", "Basic " + crypto::base64_encode(how_.client_id + ":" +
                                                                           how_.client_secret.reveal())}},
            .deadline = how_.deadline,
            .error_code = parse_error_code}) {
    how_.gateway_url = without_slash(std::move(how_.gateway_url));
}

// Sent once, whatever comes: Digio knows no key by which it would recognise a repetition.
task<result<kyc::created_request, kyc::create_fault>> client::create(std::string transaction,
                                                                     personal identifier, personal name) {
    if (api_.rests()) co_return kyc::create_fault::not_sent;
    http::provider_call what{.name = "create", .path = "/client/kyc/v2/request/with_template"};
    what.body =
        fmt::format(R"({{"customer_identifier":{},"template_name":{},"transaction_id":{},"reference_id":{},)"
                    R"({}"expire_in_days":1,"generate_access_token":true,"notify_customer":false}})",
                    quoted(customer_identifier(identifier)), quoted(how_.template_name), quoted(transaction),
                    quoted(transaction), customer_name(name));
    const auto answer = co_await api_.once(std::move(what));
    if (!answer || http::may_pass(answer->status)) co_return kyc::create_fault::unanswered;
    if (answer->status / 100 != 2) co_return kyc::create_fault::refused;
    auto made = parse_created(answer->body);
    if (!made) co_return kyc::create_fault::unanswered;  // it said yes; to what, we cannot read
    co_return std::move(*made);
}

task<kyc::provider_answer> client::read(std::string kid) {
    const auto answer = co_await api_.repeat(
        {.name = "response", .path = fmt::format("/client/kyc/v2/{}/response", kid), .body = "{}"});
    if (!answer || answer->status / 100 != 2) co_return silence_of(answer);
    auto view = parse_request(answer->body);
    if (!view || view->kid != kid) co_return kyc::silence::unavailable;
    co_return std::move(*view);
}

task<bool> client::approve(std::string kid) {
    const auto answer =
        co_await api_.repeat({.name = "approve",
                              .path = fmt::format("/client/kyc/v2/request/{}/manage_approval", kid),
                              .body = R"({"status":"approved"})"});
    co_return answer && answer->status / 100 == 2;
}

task<std::optional<kyc::page_token>> client::renew_token(std::string kid, personal identifier) {
    http::provider_call what{.name = "token", .path = "/user/auth/generate_token"};
    what.body = fmt::format(R"({{"entity_id":{},"identifier":{}}})", quoted(kid),
                            quoted(customer_identifier(identifier)));
    const auto answer = co_await api_.repeat(std::move(what));
    if (!answer || answer->status / 100 != 2) co_return std::nullopt;
    co_return parse_token(answer->body);
}

task<std::optional<std::string>> client::media(std::string file_id, std::string_view doc_type) {
    http::provider_call what{.name = "media", .method = http::verb::get};
    what.path = fmt::format("/client/kyc/v2/media/{}?doc_type={}", percent_encoded(file_id), doc_type);
    what.largest = largest_file;
    auto answer = co_await api_.repeat(std::move(what));
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
