// How bookings end: who may do what to a booking when, and what becomes of its money. Pure: time is an
// argument. docs/booking.md has the state diagram and the tables.
#pragma once

#include "booking/domain.hpp"

namespace astrotalk::booking {

enum class booking_state { confirmed, cancelled, completed, no_show };
std::string_view name_of(booking_state s);
booking_state state_named(std::string_view name);  // of a row; another name is a broken invariant

enum class side { user, astrologer, platform };
// As `cancelled_by` and `no_show_by` have it: the platform is "admin".
std::string_view name_of(side s);
// Nothing when the booking is none of that caller's business.
std::optional<side> side_of(const booking& b, user_id who, bool is_admin);

// What somebody can ask for. The last three are for staff, with a reason.
enum class move { cancel, reschedule, check_in, complete, report_no_show, refund };

// Why it is refused, by what the booking and the clock say; nothing when it may go on.
std::optional<error> refusal_of(move what, side by, const booking& b, instant now);

// What was paid for a booking with its bonus and its cash, and where both go. What is kept is taken from the
// bonus first, as paying was, so what goes back is cash first. The commission is rounded down to whole paise.
struct division {
    money cash_back, bonus_back;  // to the user
    money earnings, commission;   // of the astrologer, of the platform
    bool operator==(const division&) const = default;
};
division divide(payment paid, money refund, const policy& by);

// How a booking leaves `confirmed`.
struct ending {
    booking_state state{};
    std::optional<side> by;  // who cancelled, or who did not come
    money refund, apology, penalty;
    bool operator==(const ending&) const = default;
};
// Percents of a price, rounded up to whole paise: in favour of the user.
money percent_of(money price, std::int32_t percent);
ending cancelled(const booking& b, side by, instant now);
ending completed();
ending missed(const booking& b, side by);
// Of a booking that nobody ended, by who checked in; nothing while it is not due.
std::optional<ending> settled(const booking& b, instant now);

// From when on a user who cancels gets less.
struct deadlines {
    instant all_until, part_until;  // inclusive
};
deadlines deadlines_of(const booking& b);

// What cancelling does now, as whoever asks.
struct cancellation {
    money price, refund, cash, bonus;  // the refund's two parts
    money apology;
    instant full_refund_until, part_refund_until;  // when its user cancels
    instant as_of;
    BOOST_DESCRIBE_CLASS(cancellation, (),
                         (price, refund, cash, bonus, apology, full_refund_until, part_refund_until, as_of),
                         (), ())
};

// An extension adds a lifetime, but a hold never outlives the start.
inline instant extended_expiry(instant expires_at, std::chrono::seconds lifetime, instant start) {
    return std::min<instant>(expires_at + lifetime, start);
}

}  // namespace astrotalk::booking
