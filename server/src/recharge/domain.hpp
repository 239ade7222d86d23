// What recharges decide without asking anybody: what is to be paid, what a coupon gives, what the provider's
// payments mean, when to look again. Pure. Thread-safe. Amounts are paise.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/money.hpp"
#include "recharge/provider.hpp"

namespace astrotalk::recharge {

// A part of an amount, rounded to the nearest paisa, half a paisa up.
money part_of(money whole, std::int32_t basis_points);
// `whole` shared as `part` to `of`, rounded in the same way; the last part of several gives the rest exactly
// when it is computed from what was shared before (see refund_of).
money proportion(money whole, money part, money of);

struct coupon_terms {
    std::int32_t bonus_basis_points = 0;
    money bonus;
    std::optional<money> most_bonus;
};
money bonus_of(const coupon_terms& by, money amount);

// Of a recharge that was credited, how much of each is given back when `net` of its cash is, in all: the
// difference of two such totals is what one refund takes, so that the last one leaves no paisa behind.
struct returned {
    money gst, bonus;
    bool operator==(const returned&) const = default;
};
returned returned_for(money net, money amount, money gst, money bonus);

// What the payments of an order say about its recharge.
struct verdict {
    // Money that is ours by now: the first that fits credits, everything else is stray.
    std::optional<seen_payment> credit;
    std::vector<seen_payment> stray;
    std::vector<seen_payment> to_capture;
    std::string last_error;  // of the payment that failed last, when none went through
};
// `counted` are the ids of payments that were dealt with; `credited` says that one of them has credited.
verdict judge(const std::vector<seen_payment>& seen, const std::vector<std::string>& counted, bool credited,
              money payable);

// Until when money may come for an order: the provider lets a failed payment be authorised for three days.
inline constexpr auto order_lasts = std::chrono::days(4);
// After look number `checks` at an open recharge, made at that time. Soon at first, when somebody pays.
std::chrono::seconds next_look(std::int32_t checks, double jitter);

// "KA12" style codes are not asked for: two digits of the GST state code, 01 to 38, 97 for elsewhere.
bool is_place(std::string_view text);
bool is_coupon_code(std::string_view text);

}  // namespace astrotalk::recharge
