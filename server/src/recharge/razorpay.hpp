// Razorpay's REST API, as far as recharges need it (razorpay.com/docs/api: orders, payments, refunds). Of an
// answer only the status and an error's code are logged.
//
// Thread-safe. Lifetime: the HTTP client and the breaker outlive it.
#pragma once

#include "core/secret.hpp"
#include "http/provider_api.hpp"
#include "recharge/provider.hpp"

namespace astrotalk::recharge::razorpay {

struct options {
    std::string url;  // https://api.razorpay.com; the same for test and live keys
    std::string key_id;
    secret key_secret;
    std::chrono::milliseconds deadline{15'000};
};

class client final : public provider {
  public:
    client(http::client& out, http::breaker& guard, options how);

    task<result<std::string, order_fault>> create_order(std::string receipt, money amount) override;
    task<answer<std::string>> find_order(std::string receipt) override;
    task<answer<std::vector<seen_payment>>> list_payments(std::string order_id) override;
    task<answer<seen_payment>> capture(std::string payment_id, money amount, std::string currency) override;
    task<answer<seen_refund>> refund(std::string payment_id, money amount, std::string key) override;
    task<answer<seen_refund>> read_refund(std::string refund_id) override;
    bool is_signed(std::string_view order_id, std::string_view payment_id,
                   std::string_view signature) const override;
    const std::string& checkout_url() const override { return checkout_url_; }
    const std::string& key_id() const override { return how_.key_id; }

  private:
    options how_;
    std::string checkout_url_;
    http::provider_api api_;
};

// --- The forms of its answers. Pure.

// Nothing when the body is no such thing.
std::optional<std::string> parse_order(std::string_view body, std::string_view receipt);
// The order among the answers to a search; empty when there is none.
std::optional<std::string> parse_orders(std::string_view body, std::string_view receipt);
std::optional<std::vector<seen_payment>> parse_payments(std::string_view body, std::string_view order_id);
std::optional<seen_payment> parse_payment(std::string_view body);
std::optional<seen_refund> parse_refund(std::string_view body);
std::string parse_error_code(std::string_view body);
// "order", "pay" or "rfnd", _ and letters and digits.
bool is_id(std::string_view text, std::string_view prefix);

// What a webhook's body is about, as far as it says. Nothing of it is believed.
struct hint {
    std::string event;
    std::string order_id, refund_id;  // empty: it names none
};
hint parse_hint(std::string_view body);

}  // namespace astrotalk::recharge::razorpay
