#include <algorithm>

#include "http/page.hpp"
#include "recharge/refusals.hpp"

namespace astrotalk::recharge {
namespace {

using http::exchange;
using http::problem;
using http::response;

constexpr std::size_t longest_reason = 500;
constexpr std::string_view states[] = {"proposed", "approved", "sent", "processed", "failed", "rejected"};

bool is_reason(const std::string& text) {
    return !text.empty() && text.size() <= longest_reason &&
           std::ranges::none_of(text, [](char c) { return c >= 0 && c < ' '; });
}
http::faults bad_reason() { return fault("/reason", "why, in 1 to 500 characters"); }

staff staff_of(const exchange& x, std::string reason) {
    return {x.caller(), "admin", std::move(reason), x.request_id};
}

struct refund_request {
    money amount;  // of the wallet's cash; its GST goes along
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(refund_request, (), (amount, reason))

task<response> post_refund(service& s, exchange& x) {
    auto sent = http::from_json<refund_request>(x.in.body);
    if (!sent) co_return problem(sent.error());
    if (sent->amount.paise < 1) co_return problem(fault("/amount", "paise, more than none"));
    if (!is_reason(sent->reason)) co_return problem(bad_reason());
    const auto id = uuid::parse(x.path_values[0]);
    if (!id) co_return refused(error::recharge_not_found);
    const auto made =
        co_await ask_refund(s, staff_of(x, std::move(sent->reason)), *x.idempotency, *id, sent->amount);
    if (!made) co_return refused(made.error());
    co_return http::ok(*made, 201);
}

struct decision {
    bool approve = false;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(decision, (), (approve, reason))

task<response> post_decision(service& s, exchange& x) {
    auto sent = http::from_json<decision>(x.in.body);
    if (!sent) co_return problem(sent.error());
    if (!is_reason(sent->reason)) co_return problem(bad_reason());
    const auto id = uuid::parse(x.path_values[0]);
    if (!id) co_return refused(error::refund_not_found);
    const auto now = co_await decide_refund(s, staff_of(x, std::move(sent->reason)), *id, sent->approve);
    if (!now) co_return refused(now.error());
    co_return http::ok(*now);
}

task<response> get_refunds(service& s, exchange& x) {
    const auto asked = http::page_of(x.in);
    if (!asked) co_return problem(asked.error());
    const auto before = http::cursor_id(*asked, http::highest_id);
    if (!before) co_return problem(before.error());
    auto state = x.in.parameter("state");
    if (state && std::ranges::find(states, *state) == std::end(states))
        co_return problem(fault("state", "proposed, approved, sent, processed, failed or rejected"));
    auto rows = co_await list_refunds(s, std::move(state), *before, asked->rows_to_read());
    co_return http::ok(http::page_by_id(std::move(rows), *asked));
}

struct coupon_request : coupon {
    std::string reason;
    BOOST_DESCRIBE_CLASS(coupon_request, (coupon), (reason), (), ())
};

http::faults faults_of(const coupon_request& sent) {
    http::faults found;
    const auto expect = [&](bool right, const char* pointer, const char* what) {
        if (!right) found.list.emplace_back(pointer, what);
    };
    constexpr std::int64_t most = 100'000'000;
    const auto sum = [](money m) { return m.paise >= 0 && m.paise <= most; };
    expect(is_coupon_code(sent.code), "/code", "3 to 20 capital letters and digits");
    expect(sent.bonus_basis_points >= 0 && sent.bonus_basis_points <= 20'000, "/bonusBasisPoints",
           "0 to 20000");
    expect(sum(sent.bonus), "/bonus", "paise");
    expect(sent.bonus.paise > 0 || sent.bonus_basis_points > 0, "/bonus", "some bonus");
    expect(!sent.most_bonus || (sum(*sent.most_bonus) && sent.most_bonus->paise > 0), "/mostBonus", "paise");
    expect(sum(sent.least_amount), "/leastAmount", "paise");
    expect(sent.valid_from < sent.valid_until, "/validUntil", "after validFrom");
    expect(!sent.most_uses || *sent.most_uses > 0, "/mostUses", "1 or more");
    expect(sent.most_uses_each > 0, "/mostUsesEach", "1 or more");
    expect(is_reason(sent.reason), "/reason", "why, in 1 to 500 characters");
    return found;
}

task<response> put_coupon(service& s, exchange& x) {
    auto sent = http::from_json<coupon_request>(x.in.body);
    if (!sent) co_return problem(sent.error());
    if (const auto wrong = faults_of(*sent); !wrong.list.empty()) co_return problem(wrong);
    const auto who = staff_of(x, sent->reason);
    if (!co_await save_coupon(s, who, static_cast<const coupon&>(*sent)))
        co_return problem(409, "coupon_used_more", "The coupon has been used more often than that already.");
    co_return http::ok(static_cast<const coupon&>(*sent));
}

task<response> get_coupons(service& s, exchange& x) {
    const auto asked = http::page_of(x.in);
    if (!asked) co_return problem(asked.error());
    auto rows = co_await list_coupons(s, asked->cursor.value_or(""), asked->rows_to_read());
    co_return http::ok(
        http::page_from(std::move(rows), *asked, [](const kept_coupon& row) { return row.code; }));
}

struct pack_request {
    money amount, bonus;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(pack_request, (), (amount, bonus, reason))

task<response> post_pack(service& s, exchange& x) {
    auto sent = http::from_json<pack_request>(x.in.body);
    if (!sent) co_return problem(sent.error());
    if (sent->amount.paise < 100 || sent->amount.paise > 100'000'000)
        co_return problem(fault("/amount", "100 to 100000000 paise"));
    if (sent->bonus.paise < 0 || sent->bonus.paise > 2 * sent->amount.paise)
        co_return problem(fault("/bonus", "paise, at most twice the amount"));
    if (!is_reason(sent->reason)) co_return problem(bad_reason());
    co_return http::ok(
        co_await offer_pack(s, staff_of(x, std::move(sent->reason)), sent->amount, sent->bonus), 201);
}

struct withdrawal {
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(withdrawal, (), (reason))

task<response> post_withdrawal(service& s, exchange& x) {
    auto sent = http::from_json<withdrawal>(x.in.body);
    if (!sent) co_return problem(sent.error());
    if (!is_reason(sent->reason)) co_return problem(bad_reason());
    const auto id = uuid::parse(x.path_values[0]);
    if (!id || !co_await withdraw_pack(s, staff_of(x, std::move(sent->reason)), *id))
        co_return refused(error::pack_not_found);
    response r;
    r.status = 204;
    co_return r;
}

using enum http::access;
using http::idempotent;
using http::verb;

constexpr http::route<service> table[] = {
    {verb::post, "/v1/admin/recharges/{id}/refunds", admin, post_refund, idempotent::required},
    {verb::post, "/v1/admin/refunds/{id}/decide", admin, post_decision},
    {verb::get, "/v1/admin/refunds", support, get_refunds},
    {verb::get, "/v1/admin/coupons", support, get_coupons},
    {verb::put, "/v1/admin/coupons", admin, put_coupon},
    {verb::post, "/v1/admin/packs", admin, post_pack},
    {verb::post, "/v1/admin/packs/{id}/withdraw", admin, post_withdrawal},
};

}  // namespace

std::span<const http::route<service>> staff_routes() { return table; }

}  // namespace astrotalk::recharge
