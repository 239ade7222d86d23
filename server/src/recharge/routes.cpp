#include <fmt/format.h>

#include "http/page.hpp"
#include "recharge/refusals.hpp"

namespace astrotalk::recharge {
namespace {

using http::exchange;
using http::problem;
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
        case error::pack_not_found: return {404, "pack_not_found", "That pack is not on offer."};
        case error::coupon_not_found:
            return {409, "coupon_not_valid", "That coupon is not valid for this recharge."};
        case error::coupon_used_up: return {409, "coupon_used_up", "That coupon has been used up."};
        case error::coupon_used_before: return {409, "coupon_used_before", "You have used that coupon."};
        case error::too_many_open:
            return {429, "too_many_recharges", "Too many recharges wait to be paid: pay one, or wait."};
        case error::recharge_not_found: return {404, "recharge_not_found", "There is no such recharge."};
        case error::not_signed:
            return {409, "payment_not_confirmed", "The payment provider did not say that."};
        case error::unavailable:
            return {503, "payments_unavailable", "Payments cannot be reached: nothing was paid."};
        case error::refund_not_found: return {404, "refund_not_found", "There is no such refund."};
        case error::not_refundable:
            return {409, "not_refundable", "That much of the recharge is not left to be refunded."};
        case error::insufficient_cash:
            return {409, "insufficient_cash", "The wallet holds less than that by now."};
        case error::own_request:
            return {409, "second_admin_needed", "Another administrator has to decide on it."};
        case error::already_decided: return {409, "already_decided", "The refund has been decided on."};
    }
    __builtin_unreachable();
}

struct start_request {
    std::optional<uuid> pack_id;
    std::optional<money> amount;
    std::optional<std::string> coupon, place;
    std::optional<uuid> hold_id;
};
BOOST_DESCRIBE_STRUCT(start_request, (), (pack_id, amount, coupon, place, hold_id))

http::faults faults_of(const start_request& sent, const terms& by) {
    http::faults found;
    if (sent.pack_id.has_value() == sent.amount.has_value())
        found.list.emplace_back("/packId", "a pack's id, or else an amount");
    if (sent.amount && (*sent.amount < by.least || *sent.amount > by.most))
        found.list.emplace_back("/amount", fmt::format("{} to {} paise", by.least.paise, by.most.paise));
    if (sent.coupon && !is_coupon_code(*sent.coupon))
        found.list.emplace_back("/coupon", "3 to 20 capital letters and digits");
    if (sent.place && !is_place(*sent.place))
        found.list.emplace_back("/place", "the two digits of a GST state code");
    return found;
}

struct packs_answer {
    std::vector<pack> items;
    money least, most;
    std::int32_t gst_basis_points = 0;
};
BOOST_DESCRIBE_STRUCT(packs_answer, (), (items, least, most, gst_basis_points))

task<response> get_packs(service& s, exchange&) {
    co_return http::ok(packs_answer{co_await list_packs(s), s.by.least, s.by.most, s.by.gst_basis_points});
}

task<response> post_quote(service& s, exchange& x) {
    const auto sent = http::from_json<start_request>(x.in.body);
    if (!sent) co_return problem(sent.error());
    if (const auto wrong = faults_of(*sent, s.by); !wrong.list.empty()) co_return problem(wrong);
    const auto made = co_await price(s, x.caller(), {sent->pack_id, sent->amount, sent->coupon});
    if (!made) co_return refused(made.error());
    co_return http::ok(*made);
}

// 201 when it can be paid; 202 while the order is not known to be made, and 503 when it is not.
task<response> post_recharge(service& s, exchange& x) {
    const auto sent = http::from_json<start_request>(x.in.body);
    if (!sent) co_return problem(sent.error());
    if (const auto wrong = faults_of(*sent, s.by); !wrong.list.empty()) co_return problem(wrong);
    const auto made = co_await start(s, {x.caller(), x.request_id}, *x.idempotency,
                                     {sent->pack_id, sent->amount, sent->coupon}, sent->place, sent->hold_id);
    if (!made) co_return refused(made.error());
    if (made->state == "abandoned") co_return refused(error::unavailable);
    co_return http::ok(*made, made->state == "creating" ? 202 : 201);
}

task<response> get_recharge(service& s, exchange& x) {
    const auto id = uuid::parse(x.path_values[0]);
    if (!id) co_return refused(error::recharge_not_found);
    const auto found = co_await read(s, x.caller(), *id);
    if (!found) co_return refused(found.error());
    co_return http::ok(*found);
}

task<response> get_recharges(service& s, exchange& x) {
    const auto asked = http::page_of(x.in);
    if (!asked) co_return problem(asked.error());
    const auto before = http::cursor_id(*asked, http::highest_id);
    if (!before) co_return problem(before.error());
    auto rows = co_await list(s, x.caller(), *before, asked->rows_to_read());
    co_return http::ok(http::page_by_id(std::move(rows), *asked));
}

struct confirmation {
    std::string payment_id, signature;
};
BOOST_DESCRIBE_STRUCT(confirmation, (), (payment_id, signature))

task<response> post_confirmation(service& s, exchange& x) {
    auto sent = http::from_json<confirmation>(x.in.body);
    if (!sent) co_return problem(sent.error());
    const auto id = uuid::parse(x.path_values[0]);
    if (!id) co_return refused(error::recharge_not_found);
    if (!razorpay::is_id(sent->payment_id, "pay")) co_return refused(error::not_signed);
    const auto now =
        co_await confirm(s, x.caller(), *id, std::move(sent->payment_id), std::move(sent->signature));
    if (!now) co_return refused(now.error());
    co_return http::ok(*now);
}

// Where checkout leads the browser back to, by a form of another site without a session: what it says is
// signed, or counts for nothing.
task<response> post_return(service& s, exchange& x) {
    http::request form;
    form.query = x.in.body;
    const auto value = [&](std::string_view name) { return form.parameter(name).value_or(""); };
    auto order = value("razorpay_order_id"), payment = value("razorpay_payment_id");
    std::string came = "failed";
    if (razorpay::is_id(order, "order") && razorpay::is_id(payment, "pay")) {
        const auto id =
            co_await confirm_by_order(s, std::move(order), std::move(payment), value("razorpay_signature"));
        if (!id) co_return refused(id.error());
        came = id->to_string();
    }
    response r;
    if (s.by.return_url.empty()) {
        r.body = fmt::format(R"({{"recharge":"{}"}})", came);
        co_return r;
    }
    r.status = 303;
    r.headers.emplace_back("location",
                           fmt::format("{}{}recharge={}", s.by.return_url,
                                       s.by.return_url.find('?') == std::string::npos ? "?" : "&", came));
    co_return r;
}

using enum http::access;
using http::idempotent;
using http::verb;

constexpr http::route<service> table[] = {
    {verb::get, "/v1/recharges/packs", signed_in, get_packs},
    {verb::post, "/v1/recharges/quote", signed_in, post_quote},
    {verb::post, "/v1/recharges", signed_in, post_recharge, idempotent::required},
    {verb::get, "/v1/recharges", signed_in, get_recharges},
    {verb::get, "/v1/recharges/{id}", signed_in, get_recharge},
    {verb::post, "/v1/recharges/{id}/confirm", signed_in, post_confirmation},
    {verb::post, "/v1/recharges/return", anyone, post_return},
};

}  // namespace

response refused(error why) {
    const auto found = code_of(why);
    http::problem_detail detail{.status = found.status,
                                .code = found.name,
                                .title = found.title,
                                .errors = {},
                                .extra = {},
                                .retry_after_seconds = {}};
    if (found.status == 429) detail.retry_after_seconds = 600;
    if (found.status == 503) detail.retry_after_seconds = 10;
    return problem(detail);
}

http::faults fault(std::string pointer, std::string expected) {
    return {{{std::move(pointer), std::move(expected)}}};
}

std::span<const http::route<service>> routes() { return table; }

}  // namespace astrotalk::recharge
