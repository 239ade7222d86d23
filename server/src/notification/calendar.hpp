// A booking as a file for calendars (RFC 5545 and 5546), for one of its sides.
//
// The same booking is the same UID for ever, and every change of it raises SEQUENCE: a calendar that is given
// the file again moves or cancels what it has. There is little in it about people: a calendar is shared,
// synchronised and read by others. Pure but for the zones' files; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "notification/messages.hpp"

namespace astrotalk::notification {

struct calendar_entry {
    booking_id id;
    instant starts_at, ends_at, created_at;
    std::string zone;             // IANA, of the reader
    std::string astrologer_name;  // public
    std::string channel;          // chat, call, video
    bool cancelled = false;
    std::int32_t revision = 0;
    side reader{};
    sms::language language{};
};

// How often a booking has changed since it was made, as far as calendars care. It never falls.
inline std::int32_t revision_of(std::string_view state, std::int32_t changes) {
    return changes + (state == "cancelled" ? 1 : 0);
}

// iCalendar text: METHOD PUBLISH, or CANCEL. In the reader's zone, whose rules around that time are in it.
std::string calendar_text(const calendar_entry& of, instant now);

}  // namespace astrotalk::notification
