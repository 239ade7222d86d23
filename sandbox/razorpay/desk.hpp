// What Razorpay knows: orders, their payments and refunds (razorpay.com/docs/api). The rules are those of its
// documents: a payment without its order is none, what is authorised is captured for the order's amount, an
// order that is paid stays paid, no more is given back than was captured.
//
// Thread safety: none; it belongs to the sandbox's loop. Bounded: the oldest orders give way.
#pragma once

#include <deque>
#include <memory>
#include <unordered_map>

#include "agenda.hpp"
#include "core/secret.hpp"
#include "faulty_calls.hpp"
#include "http/json.hpp"
#include "webhooks.hpp"

namespace sandbox::razorpay {

struct settings {
    std::uint64_t seed = 1;
    std::string key_id;
    astrotalk::secret key_secret;
    webhooks::target webhook;
};

// How Razorpay behaves when nothing goes wrong: PUT /control/razorpay/behaviour.
enum class refunding { at_once, later, fail };
BOOST_DESCRIBE_ENUM(refunding, at_once, later, fail)
struct behaviour {
    bool captures = true;  // by itself, as the dashboard is usually set
    refunding refunds = refunding::at_once;
    std::int32_t refund_seconds = 60;  // of `later`, and until one fails
    BOOST_DESCRIBE_CLASS(behaviour, (), (captures, refunds, refund_seconds), (), ())
};

struct order {
    std::string id, currency, receipt, notes;  // notes: JSON as it came
    std::int64_t amount = 0, amount_paid = 0;
    int attempts = 0;
    std::string status = "created";  // created, attempted, paid
    astrotalk::instant created;
    std::vector<std::string> payments{}, history{};
};

struct payment {
    std::string id, order_id, currency, method, vpa, card;
    std::int64_t amount = 0, refunded = 0, fee = 0, tax = 0;
    std::string status = "created";  // authorized, captured, refunded, failed
    std::string error_code{}, error_description{}, error_reason{};
    astrotalk::instant created;
    std::vector<std::string> refunds{};
};

struct refund {
    std::string id, payment_id, receipt, key, body;
    std::int64_t amount = 0;
    std::string status = "pending";  // processed, failed
    astrotalk::instant created;
};

// How somebody pays. An amount or currency that is not the order's cannot happen at Razorpay; here it can.
enum class paying { succeed, fail, authorize, authorize_late };
BOOST_DESCRIBE_ENUM(paying, succeed, fail, authorize, authorize_late)
struct attempt_to_pay {
    paying outcome = paying::succeed;
    std::string method = "upi", vpa = "success@razorpay", card{};
    std::optional<std::int64_t> amount{};
    std::optional<std::string> currency{};
    std::int32_t late_seconds = 600;
};

class desk {
  public:
    static constexpr std::size_t limit = 150'000, call_limit = 5'000;

    desk(settings how, agenda& later);

    const settings& config() const { return config_; }
    order* find_order(std::string_view id);
    order* find_receipt(std::string_view receipt);
    payment* find_payment(std::string_view id);
    refund* find_refund(std::string_view id);
    refund* find_refund_key(std::string_view key);
    std::vector<order*> newest(std::size_t most);

    order& open(std::int64_t amount, std::string currency, std::string receipt, std::string notes);
    payment& pay(order& of, const attempt_to_pay& how);
    void capture(payment& p);
    refund& give_back(payment& p, std::int64_t amount, std::string receipt, std::string key,
                      std::string body);

    // Hex HMAC-SHA256 of "order|payment": what checkout hands the browser.
    std::string signature(const payment& p) const;
    void use_webhook_secret(astrotalk::secret key) { webhooks_.use_key(std::move(key)); }

    std::shared_ptr<recorded_call> record(recorded_call call);
    const std::deque<std::shared_ptr<recorded_call>>& calls() const { return calls_; }
    std::vector<rule> faults_of(call_kind call) { return take(now, call, random_); }
    std::vector<std::shared_ptr<delivery>> deliveries(std::string_view id, std::size_t most) const {
        return webhooks_.log(id, most);
    }
    void reset();

    faults now;         // what goes wrong
    behaviour manners;  // what goes right

  private:
    std::string make_id(std::string_view prefix);
    void authorize(payment& p);
    void fail(payment& p);
    void settle(refund& r, bool well);
    void tell(const order& about, std::string_view event, const payment& p);
    void tell(const refund& about, std::string_view event);
    void forget_oldest();

    settings config_;
    agenda& later_;
    std::mt19937_64 random_, ids_;
    webhooks webhooks_;
    std::unordered_map<std::string, order> orders_;
    std::unordered_map<std::string, std::string> receipts_, keys_;  // → ids of orders and of refunds
    std::unordered_map<std::string, payment> payments_;
    std::unordered_map<std::string, refund> refunds_;
    std::deque<std::string> order_;
    std::deque<std::shared_ptr<recorded_call>> calls_;
};

}  // namespace sandbox::razorpay
