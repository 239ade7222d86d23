#include "razorpay/desk.hpp"

#include "crypto/crypto.hpp"
#include "razorpay/wire.hpp"

namespace sandbox::razorpay {

namespace json = boost::json;
namespace clock = astrotalk::clock;

desk::desk(settings how, agenda& later)
    : config_(std::move(how)),
      later_(later),
      random_(config_.seed + 2),
      ids_(config_.seed + 3),
      webhooks_(config_.webhook,
                {.make_id = [this](astrotalk::instant) { return make_id("evt"); },
                 .envelope = envelope,
                 .headers_of = headers_of,
                 .pause_before = pause_before},
                later, random_, now) {}

std::string desk::make_id(std::string_view prefix) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    auto id = std::string(prefix) + "_";
    for (int i = 0; i < 14; ++i) id += letters[ids_() % letters.size()];
    return id;
}

namespace {

template <class Map>
auto* find_in(Map& all, std::string_view id) {
    const auto found = all.find(std::string(id));
    return found == all.end() ? nullptr : &found->second;
}

}  // namespace

order* desk::find_order(std::string_view id) { return find_in(orders_, id); }
payment* desk::find_payment(std::string_view id) { return find_in(payments_, id); }
refund* desk::find_refund(std::string_view id) { return find_in(refunds_, id); }
order* desk::find_receipt(std::string_view receipt) {
    const auto* id = find_in(receipts_, receipt);
    return id ? find_order(*id) : nullptr;
}
refund* desk::find_refund_key(std::string_view key) {
    const auto* id = find_in(keys_, key);
    return id ? find_refund(*id) : nullptr;
}

std::vector<order*> desk::newest(std::size_t most) {
    std::vector<order*> found;
    for (auto id = order_.rbegin(); id != order_.rend() && found.size() < most; ++id)
        found.push_back(&orders_.at(*id));
    return found;
}

order& desk::open(std::int64_t amount, std::string currency, std::string receipt, std::string notes) {
    if (order_.size() == limit) forget_oldest();
    const auto id = make_id("order");
    order_.push_back(id);
    if (!receipt.empty()) receipts_[receipt] = id;
    order made{.id = id,
               .currency = std::move(currency),
               .receipt = std::move(receipt),
               .notes = std::move(notes),
               .amount = amount,
               .created = clock::now()};
    return orders_[id] = std::move(made);
}

payment& desk::pay(order& of, const attempt_to_pay& how) {
    const auto id = make_id("pay");
    ++of.attempts;
    if (of.status == "created") of.status = "attempted";
    of.payments.push_back(id);
    payment made{.id = id,
                 .order_id = of.id,
                 .currency = how.currency.value_or(of.currency),
                 .method = how.method,
                 .vpa = how.method == "upi" ? how.vpa : "",
                 .card = how.card,
                 .amount = how.amount.value_or(of.amount),
                 .created = clock::now()};
    made.fee = (made.amount * 2 + 50) / 100;
    made.tax = (made.fee * 18 + 50) / 100;
    made.fee += made.tax;
    auto& p = payments_[id] = std::move(made);
    if (how.outcome == paying::fail || how.outcome == paying::authorize_late) {
        fail(p);
        if (how.outcome == paying::authorize_late)
            later_.at(clock::now() + std::chrono::seconds(how.late_seconds), [this, id] {
                if (auto* late = find_payment(id); late && late->status == "failed") authorize(*late);
            });
        return p;
    }
    p.status = "authorized";
    tell(of, "payment.authorized", p);
    if (manners.captures && how.outcome == paying::succeed) capture(p);
    return p;
}

// Late authorisation: the bank said no, or nothing, and yes afterwards.
void desk::authorize(payment& p) {
    p.status = "authorized";
    p.error_code = p.error_description = p.error_reason = "";
    if (auto* of = find_order(p.order_id)) {
        tell(*of, "payment.authorized", p);
        if (manners.captures && of->status != "paid") capture(p);
    }
}

void desk::fail(payment& p) {
    p.status = "failed";
    p.error_code = "BAD_REQUEST_ERROR";
    p.error_description =
        "Payment was unsuccessful as you may have entered a wrong OTP or your bank declined "
        "it. Try again or use another method.";
    p.error_reason = "payment_failed";
    if (auto* of = find_order(p.order_id)) tell(*of, "payment.failed", p);
}

void desk::capture(payment& p) {
    p.status = "captured";
    auto* of = find_order(p.order_id);
    if (!of) return;
    of->amount_paid = std::min(of->amount, of->amount_paid + p.amount);
    const bool paid = of->amount_paid == of->amount && of->status != "paid";
    if (paid) of->status = "paid";
    tell(*of, "payment.captured", p);
    if (paid) tell(*of, "order.paid", p);
}

refund& desk::give_back(payment& p, std::int64_t amount, std::string receipt, std::string key,
                        std::string body) {
    const auto id = make_id("rfnd");
    p.refunded += amount;
    if (p.refunded == p.amount) p.status = "refunded";
    p.refunds.push_back(id);
    if (!key.empty()) keys_[key] = id;
    auto& made = refunds_[id] = {.id = id,
                                 .payment_id = p.id,
                                 .receipt = std::move(receipt),
                                 .key = std::move(key),
                                 .body = std::move(body),
                                 .amount = amount,
                                 .created = clock::now()};
    tell(made, "refund.created");
    if (manners.refunds == refunding::at_once) {
        settle(made, true);
        return made;
    }
    const bool well = manners.refunds == refunding::later;
    later_.at(clock::now() + std::chrono::seconds(manners.refund_seconds), [this, id, well] {
        if (auto* due = find_refund(id); due && due->status == "pending") settle(*due, well);
    });
    return made;
}

void desk::settle(refund& r, bool well) {
    r.status = well ? "processed" : "failed";
    if (auto* p = find_payment(r.payment_id); p && !well) {
        p->refunded -= r.amount;
        p->status = "captured";
    }
    tell(r, well ? "refund.processed" : "refund.failed");
}

std::string desk::signature(const payment& p) const {
    return checksum(config_.key_secret, p.order_id + "|" + p.id);
}

void desk::tell(const order& about, std::string_view event, const payment& p) {
    json::object payload{{"payment", {{"entity", to_json(p)}}}};
    if (event.starts_with("order.")) payload["order"] = {{"entity", to_json(about)}};
    find_order(about.id)->history.emplace_back(event);
    webhooks_.tell(about.id, event, json::serialize(payload), nullptr);
}

void desk::tell(const refund& about, std::string_view event) {
    json::object payload{{"refund", {{"entity", to_json(about)}}}};
    const auto* p = find_payment(about.payment_id);
    if (!p) return;
    payload["payment"] = {{"entity", to_json(*p)}};
    if (auto* of = find_order(p->order_id)) of->history.emplace_back(event);
    webhooks_.tell(p->order_id, event, json::serialize(payload), nullptr);
}

std::shared_ptr<recorded_call> desk::record(recorded_call call) {
    if (calls_.size() == call_limit) calls_.pop_front();
    return calls_.emplace_back(std::make_shared<recorded_call>(std::move(call)));
}

void desk::forget_oldest() {
    const auto& oldest = orders_.at(order_.front());
    for (const auto& id : oldest.payments) {
        for (const auto& refund_id : payments_[id].refunds) {
            keys_.erase(refunds_[refund_id].key);
            refunds_.erase(refund_id);
        }
        payments_.erase(id);
    }
    receipts_.erase(oldest.receipt);
    orders_.erase(order_.front());
    order_.pop_front();
}

void desk::reset() {
    random_ = std::mt19937_64(config_.seed + 2);
    ids_ = std::mt19937_64(config_.seed + 3);
    webhooks_.clear();
    webhooks_.use_key(config_.webhook.key);
    orders_.clear();
    receipts_.clear();
    keys_.clear();
    payments_.clear();
    refunds_.clear();
    order_.clear();
    calls_.clear();
    now = {};
    manners = {};
}

}  // namespace sandbox::razorpay
