// What the use cases of this folder share. Not for other folders.
#pragma once

#include "recharge/recharge.hpp"

namespace astrotalk::recharge {

// A race that is lost is read and decided again.
inline constexpr int most_tries = 16;

struct recharge_row {
    uuid id;
    astrotalk::user_id user_id;
    std::string state;
    money amount, bonus, coupon_bonus, gst;
    std::optional<std::string> coupon, last_error;
    std::optional<uuid> hold_id;
    std::optional<std::string> order_id;
    std::int32_t checks = 0;
    std::optional<instant> paid_at;
    instant created_at;
    money refunded;
    std::vector<std::string> counted;  // ids of payments
    bool goes_on = true;               // its account
    BOOST_DESCRIBE_CLASS(recharge_row, (),
                         (id, user_id, state, amount, bonus, coupon_bonus, gst, coupon, last_error, hold_id,
                          order_id, checks, paid_at, created_at, refunded, counted, goes_on),
                         (), ())
    money payable() const { return amount + gst; }
};
task<std::optional<recharge_row>> read_row(service& s, uuid id);
recharge_view view_of(const service& s, const recharge_row& row);

inline bytes fingerprint_of(const http::idempotency_key& key) {
    return {key.fingerprint.begin(), key.fingerprint.end()};
}

}  // namespace astrotalk::recharge
