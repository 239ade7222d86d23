// What astrologers decide about single days and about their time off. Not for other folders.
#pragma once

#include "booking/booking.hpp"

namespace astrotalk::booking {

// Wall times "HH:MM"; an end may be "24:00".
struct wall_hours {
    std::string start, end;
    BOOST_DESCRIBE_CLASS(wall_hours, (), (start, end), (), ())
};
// A day with hours of its own in place of the weekly ones; without any, it is closed.
struct own_day {
    std::string date;  // YYYY-MM-DD, on the astrologer's calendar
    std::vector<wall_hours> hours;
    BOOST_DESCRIBE_CLASS(own_day, (), (date, hours), (), ())
};
// What is wrong with them, by JSON pointer.
std::vector<std::pair<std::string, std::string>> check(std::span<const wall_hours> hours);
// Days since 1970-01-01 of "YYYY-MM-DD".
std::optional<std::int32_t> day_named(std::string_view date);

// From today on, in order.
task<outcome<std::vector<own_day>>> list_own_days(service& s, user_id astrologer);
// The hours have passed `check`. What is booked on that day stays booked.
task<outcome<own_day>> set_own_day(service& s, caller who, std::int32_t day, std::vector<wall_hours> hours);
// Back to the weekly hours.
task<outcome<void>> drop_own_day(service& s, caller who, std::int32_t day);

// What becomes of the bookings that a time off is in the way of.
enum class way_out : std::uint8_t { refund, reassign };
BOOST_DESCRIBE_ENUM(way_out, refund, reassign)

struct time_off_request {
    instant from, to;
    std::optional<way_out> bookings{};  // nothing: the time off is refused while there are any
    BOOST_DESCRIBE_CLASS(time_off_request, (), (from, to, bookings), (), ())
};
struct time_off {
    occupancy_id id;
    instant from, to;
    std::vector<booking_id> refunded{}, reassigned{};
    BOOST_DESCRIBE_CLASS(time_off, (), (id, from, to, refunded, reassigned), (), ())
};
struct time_off_line {
    occupancy_id id;
    instant from, to;
    BOOST_DESCRIBE_CLASS(time_off_line, (), (id, from, to), (), ())
};

// Takes the time, with whatever has to happen to bookings in one transaction, or leaves everything as it was.
// `from` may be over; what is left counts. Holds in its way end with the bookings.
task<outcome<answer>> take_time_off(service& s, caller who, http::idempotency_key key,
                                    time_off_request asked);
// What is not over yet, in order.
task<std::vector<time_off_line>> list_time_off(service& s, user_id astrologer);
// False when there is none such.
task<bool> end_time_off(service& s, caller who, occupancy_id id);

}  // namespace astrotalk::booking
