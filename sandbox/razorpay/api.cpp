#include "razorpay/api.hpp"

#include <fmt/format.h>

#include "crypto/crypto.hpp"
#include "razorpay/wire.hpp"

namespace sandbox::razorpay {
namespace {

namespace http = astrotalk::http;
namespace json = boost::json;
using astrotalk::task;

constexpr std::size_t most_recorded_body = 20'000, longest_receipt = 40, most_notes = 15;

http::response ok(const json::object& what) {
    http::response r;
    r.body = json::serialize(what);
    return r;
}

http::response error(int status, std::string_view description, std::string_view field = {}) {
    http::response r;
    r.status = status;
    r.body = error_json(status, description, field);
    return r;
}

bool may_call(const settings& config, std::string_view claim) {
    if (!claim.starts_with("Basic ")) return false;
    const auto given = astrotalk::crypto::base64_decode(claim.substr(6));
    const auto wanted = config.key_id + ":" + config.key_secret.reveal();
    return given && astrotalk::crypto::equal_constant_time(*given, wanted);
}

struct under_way {
    desk& self;
    http::exchange& x;
    recorded_call& record;
};
using doing = http::response (*)(under_way);

// An empty object where the body is none, or nothing when it is no object.
std::optional<json::object> body_of(under_way at) {
    if (at.x.in.body.empty()) return json::object();
    boost::system::error_code failed;
    auto parsed = json::parse({at.x.in.body.data(), at.x.in.body.size()}, failed);
    if (failed || !parsed.is_object()) return std::nullopt;
    return std::move(parsed.get_object());
}

std::optional<std::int64_t> number(const json::object& in, std::string_view name) {
    const auto* value = in.if_contains(name);
    if (!value || !value->is_int64()) return std::nullopt;
    return value->get_int64();
}

std::string text(const json::object& in, std::string_view name) {
    const auto* value = in.if_contains(name);
    const auto* found = value ? value->if_string() : nullptr;
    return found ? std::string(found->data(), found->size()) : std::string();
}

// A missing entity is a bad request at Razorpay, not a 404.
http::response no_such_id() { return error(400, "The id provided does not exist"); }

http::response create_order(under_way at) {
    const auto body = body_of(at);
    if (!body) return error(400, "The request body is not valid JSON");
    const auto amount = number(*body, "amount");
    if (!amount) return error(400, "The amount must be an integer.", "amount");
    if (*amount < 100) return error(400, "Order amount less than minimum amount allowed", "amount");
    if (text(*body, "currency") != "INR") return error(400, "Currency is not supported", "currency");
    auto receipt = text(*body, "receipt");
    if (receipt.size() > longest_receipt)
        return error(400, "The receipt may not be greater than 40 characters.", "receipt");
    std::string notes;
    if (const auto* sent = body->if_contains("notes")) {
        if (sent->is_object() && sent->get_object().size() > most_notes)
            return error(400, "The notes may not have more than 15 entries.", "notes");
        notes = json::serialize(*sent);
    }
    if (!receipt.empty() && at.self.find_receipt(receipt))
        return error(400, "Receipt should be unique", "receipt");
    auto& made = at.self.open(*amount, "INR", std::move(receipt), std::move(notes));
    at.record.request_id = made.id;
    return ok(to_json(made));
}

order* order_in_path(under_way at) {
    at.record.request_id = at.x.path_values[0];
    return at.self.find_order(at.x.path_values[0]);
}
payment* payment_in_path(under_way at) {
    at.record.request_id = at.x.path_values[0];
    return at.self.find_payment(at.x.path_values[0]);
}

http::response read_order(under_way at) {
    const auto* found = order_in_path(at);
    return found ? ok(to_json(*found)) : no_such_id();
}

http::response search_orders(under_way at) {
    json::array items;
    if (const auto receipt = at.x.in.parameter("receipt")) {
        if (const auto* found = at.self.find_receipt(*receipt)) items.push_back(to_json(*found));
    } else {
        for (const auto* each : at.self.newest(10)) items.push_back(to_json(*each));
    }
    return ok(collection(std::move(items)));
}

http::response list_payments(under_way at) {
    const auto* of = order_in_path(at);
    if (!of) return no_such_id();
    json::array items;
    for (auto id = of->payments.rbegin(); id != of->payments.rend(); ++id)
        items.push_back(to_json(*at.self.find_payment(*id)));
    return ok(collection(std::move(items)));
}

http::response read_payment(under_way at) {
    const auto* found = payment_in_path(at);
    return found ? ok(to_json(*found)) : no_such_id();
}

http::response capture(under_way at) {
    auto* found = payment_in_path(at);
    const auto body = body_of(at);
    if (!found || !body) return no_such_id();
    if (found->status == "captured") return error(400, "This payment has already been captured");
    if (found->status != "authorized")
        return error(400, "Only payments which have been authorized and not yet captured can be captured");
    if (number(*body, "amount") != found->amount)
        return error(400, "Capture amount must be equal to the amount authorized", "amount");
    at.self.capture(*found);
    return ok(to_json(*found));
}

http::response give_back(under_way at) {
    auto* found = payment_in_path(at);
    const auto body = body_of(at);
    if (!found || !body) return no_such_id();
    const auto key = std::string(at.x.in.header("x-refund-idempotency"));
    if (!key.empty() && key.size() < 10)
        return error(400, "The idempotency key must have at least 10 characters");
    if (const auto* before = key.empty() ? nullptr : at.self.find_refund_key(key)) {
        if (before->body != at.x.in.body || before->payment_id != found->id)
            return error(400, "Different request body sent for the same idempotency key");
        return ok(to_json(*before));
    }
    const auto amount = number(*body, "amount").value_or(found->amount - found->refunded);
    if (found->status != "captured" && found->status != "refunded")
        return error(400, "The payment status should be captured for action to be taken");
    if (found->status == "refunded") return error(400, "The payment has been fully refunded already");
    if (amount < 100 && amount != found->amount - found->refunded)
        return error(400, "The amount must be at least INR 1.00", "amount");
    if (amount > found->amount - found->refunded)
        return error(400, "The total refund amount is greater than the refund payment amount", "amount");
    return ok(
        to_json(at.self.give_back(*found, amount, text(*body, "receipt"), key, std::string(at.x.in.body))));
}

http::response list_refunds(under_way at) {
    const auto* of = payment_in_path(at);
    if (!of) return no_such_id();
    json::array items;
    for (const auto& id : of->refunds) items.push_back(to_json(*at.self.find_refund(id)));
    return ok(collection(std::move(items)));
}

http::response read_refund(under_way at) {
    at.record.request_id = at.x.path_values[0];
    const auto* found = at.self.find_refund(at.x.path_values[0]);
    return found ? ok(to_json(*found)) : no_such_id();
}

template <call_kind call, doing act>
task<http::response> handle(desk& self, http::exchange& x) {
    auto record = self.record({.at = astrotalk::clock::now(),
                               .call = call,
                               .method = std::string(http::name_of(x.in.method)),
                               .path = std::string(x.in.path),
                               .body = std::string(x.in.body.substr(0, most_recorded_body))});
    if (!may_call(self.config(), x.in.header("authorization"))) {
        record->status = 401;
        record->took_effect = false;
        co_return error(401, "Authentication failed");
    }
    auto made = co_await with_faults(
        record, self.faults_of(call), [&self, &x, record] { return act({self, x, *record}); },
        {.error = [](int status) { return error(status, "A fault was asked for"); }});
    record->status = made.status;
    co_return made;
}

using http::verb;
constexpr auto anyone = http::access::anyone;

constexpr http::route<desk> table[] = {
    {verb::post, "/razorpay/v1/orders", anyone, handle<call_kind::create_order, create_order>},
    {verb::get, "/razorpay/v1/orders", anyone, handle<call_kind::read_order, search_orders>},
    {verb::get, "/razorpay/v1/orders/{id}", anyone, handle<call_kind::read_order, read_order>},
    {verb::get, "/razorpay/v1/orders/{id}/payments", anyone, handle<call_kind::list_payments, list_payments>},
    {verb::get, "/razorpay/v1/payments/{id}", anyone, handle<call_kind::list_payments, read_payment>},
    {verb::post, "/razorpay/v1/payments/{id}/capture", anyone, handle<call_kind::capture, capture>},
    {verb::post, "/razorpay/v1/payments/{id}/refund", anyone, handle<call_kind::refund, give_back>},
    {verb::get, "/razorpay/v1/payments/{id}/refunds", anyone, handle<call_kind::read_refund, list_refunds>},
    {verb::get, "/razorpay/v1/refunds/{id}", anyone, handle<call_kind::read_refund, read_refund>},
};

}  // namespace

std::span<const http::route<desk>> api_routes() { return table; }

}  // namespace sandbox::razorpay
