#include "recharge/domain.hpp"

#include <algorithm>
#include <array>

namespace astrotalk::recharge {
namespace {

constexpr std::string_view currency = "INR";
constexpr std::int64_t whole_basis_points = 10'000;

// Both are below 2^54 where this is called: a recharge is at most 100,000,000 paise.
money rounded(std::int64_t numerator, std::int64_t denominator) {
    return money{(2 * numerator + denominator) / (2 * denominator)};
}

}  // namespace

money part_of(money whole, std::int32_t basis_points) {
    return rounded(whole.paise * basis_points, whole_basis_points);
}

money proportion(money whole, money part, money of) { return rounded(whole.paise * part.paise, of.paise); }

money bonus_of(const coupon_terms& by, money amount) {
    const money gift = part_of(amount, by.bonus_basis_points) + by.bonus;
    return by.most_bonus ? std::min(gift, *by.most_bonus) : gift;
}

returned returned_for(money net, money amount, money gst, money bonus) {
    return {proportion(gst, net, amount), proportion(bonus, net, amount)};
}

verdict judge(const std::vector<seen_payment>& seen, const std::vector<std::string>& counted, bool credited,
              money payable) {
    verdict made;
    bool taken = credited;
    for (const auto& each : seen) {
        if (std::ranges::find(counted, each.id) != counted.end()) continue;
        const bool fits = each.amount == payable && each.currency == currency && !taken;
        switch (each.status) {
            case payment_status::captured:
                if (fits) {
                    made.credit = each;
                    taken = true;
                } else {
                    made.stray.push_back(each);
                }
                break;
            case payment_status::authorized:
                // What does not fit is left to the provider, who gives it back by itself.
                if (fits) made.to_capture.push_back(each);
                break;
            case payment_status::failed: made.last_error = each.error_code; break;
            case payment_status::created:
            case payment_status::refunded: break;
        }
    }
    if (taken || !made.to_capture.empty()) made.last_error.clear();
    if (made.to_capture.size() > 1) made.to_capture.resize(1);
    return made;
}

std::chrono::seconds next_look(std::int32_t checks, double jitter) {
    using namespace std::chrono_literals;
    constexpr std::array<std::chrono::seconds, 8> waits = {5s, 10s, 20s, 40s, 120s, 600s, 1800s, 7200s};
    const auto base =
        waits[std::clamp<std::size_t>(static_cast<std::size_t>(std::max(checks, 0)), 0, waits.size() - 1)];
    return std::chrono::seconds(
        static_cast<std::int64_t>(static_cast<double>(base.count()) * (0.75 + 0.5 * jitter)) + 1);
}

bool is_place(std::string_view text) {
    if (text.size() != 2 || text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') return false;
    const int code = (text[0] - '0') * 10 + (text[1] - '0');
    return (code >= 1 && code <= 38) || code == 97;
}

bool is_coupon_code(std::string_view text) {
    return text.size() >= 3 && text.size() <= 20 &&
           std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

}  // namespace astrotalk::recharge
