#include "booking/personal_data.hpp"

#include "booking/queries.hpp"

namespace astrotalk::booking {
namespace {

using columns = const std::string_view[];

constexpr columns booking_columns = {"booking.user_id", "booking.astrologer_id"};
constexpr columns hold_columns = {"occupancy.user_id"};
constexpr columns day_columns = {"astrologer.breaks", "astrologer.overrides", "occupancy.span"};

constexpr pg::data_class classes[] = {
    {.name = "booking.bookings",
     .english =
         "Your bookings: with whom, when, for how much, and what became of them. Both sides need them, and "
         "so do the accounts.",
     .hindi = "आपकी बुकिंग: किसके साथ, कब, कितने में, और उनका क्या हुआ। दोनों पक्षों और लेखा के लिए।",
     .kept = pg::retention::money,
     .columns = booking_columns,
     .read = &sql::read_booking_data},
    {.name = "booking.holds",
     .english = "Slots that you held and did not book.",
     .hindi = "वे समय जो आपने रोके पर बुक नहीं किए।",
     .kept = pg::retention::log,
     .columns = hold_columns,
     .read = &sql::read_hold_data,
     .purge = &sql::purge_ended_holds,
     .due = &sql::due_ended_holds},
    {.name = "booking.days",
     .english =
         "When you do not work: the breaks in your weekly hours, days with hours of their own, and your time "
         "off.",
     .hindi = "आप कब काम नहीं करते: साप्ताहिक समय के विराम, अपने समय वाले दिन, और आपका अवकाश।",
     .kept = pg::retention::account,
     .columns = day_columns,
     .read = &sql::read_day_data,
     .erase = &sql::forget_days},
};

}  // namespace

pg::personal_data personal_data() { return {classes, {}}; }

}  // namespace astrotalk::booking
