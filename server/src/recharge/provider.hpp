// Whoever takes money for us, as this folder needs them: the foreign world of payments. Amounts are paise.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/money.hpp"
#include "core/result.hpp"
#include "core/task.hpp"

namespace astrotalk::recharge {

enum class payment_status : std::uint8_t { created, authorized, captured, refunded, failed };

// Of a payment, what the provider says now.
struct seen_payment {
    std::string id, currency, method;
    money amount, fee;  // the fee with its tax
    payment_status status = payment_status::created;
    std::string error_code;  // of one that failed
};

// Why there is no answer to go by.
enum class silence : std::uint8_t {
    unavailable,  // it may be asked again
    not_found,
    refused,
};
template <class T>
using answer = std::variant<T, silence>;

enum class order_fault : std::uint8_t {
    not_sent,    // nothing left this house: there is no order
    refused,     // the provider said no: there is none
    unanswered,  // there may be one, to be found by its receipt
};

struct seen_refund {
    std::string id;
    enum class standing : std::uint8_t { pending, processed, failed } status = standing::pending;
};

// No call throws but for a broken invariant; each has its deadline.
class provider {
  public:
    virtual ~provider() = default;
    // The order's id. Never sent twice.
    virtual task<result<std::string, order_fault>> create_order(std::string receipt, money amount) = 0;
    // The id of the order with that receipt.
    virtual task<answer<std::string>> find_order(std::string receipt) = 0;
    // All of them, of one order.
    virtual task<answer<std::vector<seen_payment>>> list_payments(std::string order_id) = 0;
    virtual task<answer<seen_payment>> capture(std::string payment_id, money amount,
                                               std::string currency) = 0;
    // The same key is the same refund, however often it is sent.
    virtual task<answer<seen_refund>> refund(std::string payment_id, money amount, std::string key) = 0;
    virtual task<answer<seen_refund>> read_refund(std::string refund_id) = 0;
    // Whether checkout's word about that order is the provider's.
    virtual bool is_signed(std::string_view order_id, std::string_view payment_id,
                           std::string_view signature) const = 0;
    // Where a browser is sent with a form to pay, and the public key that goes along.
    virtual const std::string& checkout_url() const = 0;
    virtual const std::string& key_id() const = 0;
};

}  // namespace astrotalk::recharge
