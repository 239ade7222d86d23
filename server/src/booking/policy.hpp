// What user, astrologer and platform agree on when a booking is sold. The operator's configuration at that
// moment is copied into the booking, so that changing it changes no booking that exists (docs/booking.md has
// the table).
//
// A member that is added later means, by its default, what was so before it.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/money.hpp"
#include "core/result.hpp"

namespace astrotalk::booking {

// Whose check-ins make a consultation one that took place.
enum class completion : std::uint8_t { both, astrologer };
BOOST_DESCRIBE_ENUM(completion, both, astrologer)

struct policy {
    std::string version = "1";
    // A user who cancels gets everything back until `full_refund_hours` before the start, a part until
    // `part_refund_hours` before it, and nothing later.
    std::int32_t full_refund_hours = 24, part_refund_hours = 2, part_refund_percent = 50;
    std::int32_t most_reschedules = 2, reschedule_hours = 2;  // not later than that before the start
    std::int32_t commission_basis_points = 5000;              // of what is kept; the rest is the astrologer's
    money apology{5'000};   // to the user when the astrologer or the platform fails them, at most the price
    money penalty{10'000};  // of an astrologer who does not come
    std::int32_t check_in_minutes = 10;  // before the start, until the end
    std::int32_t settle_minutes = 15;    // after the end
    completion completed_by = completion::both;
    std::int32_t user_no_show_refund_percent = 0;

    bool operator==(const policy&) const = default;
    BOOST_DESCRIBE_CLASS(policy, (),
                         (version, full_refund_hours, part_refund_hours, part_refund_percent,
                          most_reschedules, reschedule_hours, commission_basis_points, apology, penalty,
                          check_in_minutes, settle_minutes, completed_by, user_no_show_refund_percent),
                         (), ())
};

// The policy, or what is wrong in the text, in words for the operator. What is left out is as above; a file
// of an operator's own names its version.
result<policy, std::string> parse_policy(std::string_view json);

}  // namespace astrotalk::booking
