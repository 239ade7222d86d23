// What may be booked, when, and for how much. Pure: time is an argument.
//
// A slot is offered when it starts on the interval of the astrologer's local clock, every minute of it lies
// in the hours as that clock shows them (those of the day where it has its own, else the weekly ones less
// their breaks), it starts after the notice and inside the booking window, and neither its local day nor its
// local week is full. Durations are elapsed time. A local time that does not exist is never a start; one that
// happens twice is a start the first time only.
#pragma once

#include <boost/describe.hpp>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "booking/policy.hpp"
#include "core/channel.hpp"
#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/money.hpp"

namespace date {
class time_zone;
}

namespace astrotalk::booking {

// Why a request is refused, in order of precedence: the first that applies is the answer.
enum class error {
    idempotency_key_reused,
    profile_incomplete,  // of the user; comes with what is missing
    own_time,            // astrologers cannot book themselves
    hold_not_found,
    hold_expired,
    hold_extended_before,
    insufficient_funds,  // comes with the shortage
    booking_not_found,
    other_side_only,  // the move is not for the side of whoever asks
    already_cancelled,
    already_settled,  // completed, or somebody did not come
    too_late,         // it has started
    check_in_too_early,
    check_in_too_late,    // it has ended
    reschedule_too_late,  // the start is nearer than the policy allows
    reschedules_used_up,
    refund_changed,    // is less than what was shown; comes with what it is
    refund_too_large,  // more than is left of the price; comes with what is left
    same_time,         // it starts then already
    astrologer_not_found,
    pair_blocked,            // the astrologer has blocked the user, or the user them
    channel_not_offered,     // the astrologer is listed, by other channels
    length_not_offered,      // not on sale, or there are no free consultations
    free_consultation_used,  // one of each astrologer
    slot_not_offered,        // outside the hours, the notice, the window or the grid; comes with alternatives
    fully_booked,            // the astrologer takes no more that day or week; comes with alternatives
    slot_taken,              // comes with alternatives
    user_busy,               // the user has another booking then; comes with alternatives
    day_out_of_reach,        // of an astrologer's own hours: over, or more than a year ahead
    day_not_found,           // it has no hours of its own
    time_off_overlaps,       // another time off
    bookings_in_the_way,     // of a time off; comes with them
    time_off_not_found,
    too_many,  // own days, times off, or bookings in the way of one
};

// Half-open.
struct range {
    instant from, to;
    bool operator==(const range&) const = default;
    bool overlaps(range other) const { return from < other.to && other.from < to; }
};

struct slot {
    instant starts_at, ends_at;
    BOOST_DESCRIBE_CLASS(slot, (), (starts_at, ends_at), (), ())
};

// A day with hours of its own: minutes [start, end) of that day, sorted and apart; none when it is closed.
struct day_hours {
    std::int32_t day = 0;  // since 1970-01-01, on the astrologer's calendar
    std::vector<std::int32_t> minutes;
    bool operator==(const day_hours&) const = default;
};

// An astrologer's rules about time.
struct rules {
    const date::time_zone* zone;
    // minutes of the local week [start, end), Monday 00:00 = 0, breaks left out; sorted and apart
    std::vector<std::int32_t> weekly;
    std::chrono::minutes buffer_before, buffer_after, notice;
    std::chrono::days window;
    std::chrono::minutes interval{15};                      // divides an hour
    std::vector<day_hours> overrides{};                     // in place of the weekly hours; sorted by day
    std::optional<std::int32_t> daily_cap{}, weekly_cap{};  // of a local day, of a local week from Monday
};

// The zone of that IANA name, or null. Zones live as long as the program. Thread-safe.
const date::time_zone* find_zone(const std::string& name);
// `pairs` in any order, touching or overlapping, as rules want them.
std::vector<std::int32_t> merge_weekly(std::span<const std::int32_t> pairs);

// `pairs` without `less`, both as merge_weekly makes them.
std::vector<std::int32_t> without(std::span<const std::int32_t> pairs, std::span<const std::int32_t> less);
// Overrides are stored as one list: day, how many numbers follow, those; and again.
std::vector<day_hours> unpack_overrides(std::span<const std::int32_t> packed);
std::vector<std::int32_t> pack_overrides(std::span<const day_hours> overrides);

// What is in the way: the astrologer's blocked ranges, which have their buffers in them, and the user's own
// bookings. Each list is sorted and its ranges are apart.
struct taken {
    std::vector<range> astrologer, user;
    std::vector<instant> counted{};  // starts of what the caps count, in order; empty where there are none
};

// The lengths that may be on sale, and those that a free consultation may have.
bool is_length(std::int32_t minutes);
bool is_free_length(std::int32_t minutes);

inline range span_of(instant start, std::chrono::minutes length) { return {start, start + length}; }
inline range blocked_by(const rules& by, range span) {
    return {span.from - by.buffer_before, span.to + by.buffer_after};
}

// Whether the rules offer that one start, whoever may have taken it.
bool offered(const rules& by, instant start, std::chrono::minutes length, instant now);
// Whether the local day or week of that start has as much as the astrologer takes.
bool full(const rules& by, std::span<const instant> counted, instant start);

// Every free start in `within`, in order.
std::vector<instant> slots(const rules& by, const taken& out, range within, std::chrono::minutes length,
                           instant now);
// The first free start from now on, or nothing.
std::optional<instant> next_free(const rules& by, const taken& out, std::chrono::minutes length, instant now);

// At most `most` of `starts` (in order), those nearest to `wanted`, in order of time.
std::vector<slot> nearest(std::span<const instant> starts, instant wanted, std::chrono::minutes length,
                          std::size_t most);

// A hold ends after `lifetime`, or when its time begins.
inline instant expiry_of(instant now, std::chrono::seconds lifetime, instant start) {
    return std::min<instant>(now + lifetime, start);
}

// How a price is paid: bonus first, then cash.
struct payment {
    money bonus, cash;
};
struct shortage {
    money price, available, short_by;
};
inline std::optional<payment> pay(money price, money cash, money bonus) {
    const payment parts{std::min(bonus, price), price - std::min(bonus, price)};
    if (parts.cash > cash) return std::nullopt;
    return parts;
}

// A hold as its user sees it. Its channel and price are those of the moment it was made, and its booking's.
struct hold {
    occupancy_id id;
    user_id astrologer_id;
    instant starts_at, ends_at;
    std::int32_t minutes = 0;
    astrotalk::channel channel{};
    money price_per_minute, price;
    instant expires_at;
    bool extended = false;  // happens once
    BOOST_DESCRIBE_CLASS(hold, (),
                         (id, astrologer_id, starts_at, ends_at, minutes, channel, price_per_minute, price,
                          expires_at, extended),
                         (), ())
};

struct booking {
    booking_id id;
    astrotalk::user_id user_id, astrologer_id;
    std::string astrologer_name;
    instant starts_at, ends_at;
    std::int32_t minutes = 0;
    astrotalk::channel channel{};
    money price_per_minute, price;
    std::string state;
    std::optional<std::string> cancelled_by;
    std::optional<instant> cancelled_at;
    std::optional<money> refund;
    std::optional<std::string> no_show_by;
    std::optional<instant> settled_at;  // left `confirmed`
    money apology;
    std::int32_t reschedules = 0;
    std::optional<astrotalk::user_id> reassigned_from;  // whose it was first; they took the time off
    std::optional<instant> user_checked_in_at, astrologer_checked_in_at;
    astrotalk::booking::policy policy;  // that it was sold under
    instant created_at;
    BOOST_DESCRIBE_CLASS(booking, (),
                         (id, user_id, astrologer_id, astrologer_name, starts_at, ends_at, minutes, channel,
                          price_per_minute, price, state, cancelled_by, cancelled_at, refund, no_show_by,
                          settled_at, apology, reschedules, reassigned_from, user_checked_in_at,
                          astrologer_checked_in_at, policy, created_at),
                         (), ())
};

}  // namespace astrotalk::booking
