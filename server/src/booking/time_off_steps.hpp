// What becomes of a booking whose astrologer takes its time off. Each runs in the time off's own transaction,
// which has locked the booking.
#pragma once

#include "booking/booking.hpp"

namespace astrotalk::booking {

// Cancels it as its astrologer: everything goes back. False when it is not to be cancelled any more.
task<bool> cancel_for_time_off(service& s, pg::transaction& t, caller who, booking_id id);

// Gives it to another astrologer who is like this one and free then, for no more per minute; the user keeps
// the time and the price, is told, and may leave. False when there is nobody.
task<bool> reassign(service& s, pg::transaction& t, caller who, booking_id id);

}  // namespace astrotalk::booking
