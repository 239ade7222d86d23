#include "recharge/razorpay.hpp"

#include <fmt/format.h>

#include "crypto/crypto.hpp"

namespace astrotalk::recharge::razorpay {
namespace {

constexpr std::string_view currency = "INR";

silence silence_of(const std::optional<http::client_response>& answer) {
    if (!answer || http::may_pass(answer->status)) return silence::unavailable;
    // A missing entity is a bad request there (BAD_REQUEST_ERROR), and 404 only by some gateways before it.
    return answer->status == 404 ? silence::not_found : silence::refused;
}

// What a call came to, read by `parse`; an answer of another form may be a better one next time.
template <class T, class Parse>
answer<T> read(const std::optional<http::client_response>& from, Parse parse) {
    if (!http::succeeded(from)) return silence_of(from);
    auto found = parse(from->body);
    if (!found) return silence::unavailable;
    return std::move(*found);
}

}  // namespace

client::client(http::client& out, http::breaker& guard, options how)
    : how_(std::move(how)),
      api_(out, guard,
           {.provider = "razorpay",
            .url = how_.url,
            .headers = {{"authorization",
                         "Basic " + crypto::base64_encode(how_.key_id + ":" + how_.key_secret.reveal())}},
            .deadline = how_.deadline,
            .error_code = parse_error_code}) {
    while (how_.url.ends_with('/')) how_.url.pop_back();
    checkout_url_ = how_.url + "/v1/checkout/embedded";
}

task<result<std::string, order_fault>> client::create_order(std::string receipt, money amount) {
    if (api_.rests()) co_return order_fault::not_sent;
    http::provider_call what{.name = "create_order", .path = "/v1/orders"};
    what.body =
        fmt::format(R"({{"amount":{},"currency":"{}","receipt":"{}"}})", amount.paise, currency, receipt);
    const auto said = co_await api_.once(std::move(what));
    if (!said || http::may_pass(said->status)) co_return order_fault::unanswered;
    if (!http::succeeded(said)) co_return order_fault::refused;
    auto id = parse_order(said->body, receipt);
    if (!id) co_return order_fault::unanswered;  // it said yes; to what, we cannot read
    co_return std::move(*id);
}

task<answer<std::string>> client::find_order(std::string receipt) {
    const auto said = co_await api_.repeat(
        {.name = "find_order", .method = http::verb::get, .path = "/v1/orders?receipt=" + receipt});
    auto found = read<std::string>(said, [&](std::string_view body) { return parse_orders(body, receipt); });
    if (const auto* id = std::get_if<std::string>(&found); id && id->empty()) co_return silence::not_found;
    co_return found;
}

task<answer<std::vector<seen_payment>>> client::list_payments(std::string order_id) {
    const auto said = co_await api_.repeat({.name = "list_payments",
                                            .method = http::verb::get,
                                            .path = fmt::format("/v1/orders/{}/payments", order_id)});
    co_return read<std::vector<seen_payment>>(
        said, [&](std::string_view body) { return parse_payments(body, order_id); });
}

// Capturing what is captured is refused there, so who repeats it asks for the payments first.
task<answer<seen_payment>> client::capture(std::string payment_id, money amount, std::string in) {
    const auto said =
        co_await api_.once({.name = "capture",
                            .path = fmt::format("/v1/payments/{}/capture", payment_id),
                            .body = fmt::format(R"({{"amount":{},"currency":"{}"}})", amount.paise, in)});
    co_return read<seen_payment>(said, parse_payment);
}

task<answer<seen_refund>> client::refund(std::string payment_id, money amount, std::string key) {
    const auto said = co_await api_.repeat(
        {.name = "refund",
         .path = fmt::format("/v1/payments/{}/refund", payment_id),
         .body = fmt::format(R"({{"amount":{},"speed":"normal","receipt":"{}"}})", amount.paise, key),
         .headers = {{"x-refund-idempotency", key}}});
    // 409: the first of two with this key is still under way.
    if (said && said->status == 409) co_return silence::unavailable;
    co_return read<seen_refund>(said, parse_refund);
}

task<answer<seen_refund>> client::read_refund(std::string refund_id) {
    const auto said = co_await api_.repeat(
        {.name = "read_refund", .method = http::verb::get, .path = "/v1/refunds/" + refund_id});
    co_return read<seen_refund>(said, parse_refund);
}

bool client::is_signed(std::string_view order_id, std::string_view payment_id,
                       std::string_view signature) const {
    const auto given = signature.size() == 64 ? crypto::unhex(signature) : std::nullopt;
    const auto right =
        crypto::hmac_sha256(how_.key_secret.reveal(), fmt::format("{}|{}", order_id, payment_id));
    return given && crypto::equal_constant_time(right, *given);
}

}  // namespace astrotalk::recharge::razorpay
