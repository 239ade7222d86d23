#include "booking/booking.hpp"
#include "booking/policy_row.hpp"
#include "booking/queries.hpp"
#include "pg/channel.hpp"

namespace astrotalk::booking {

task<std::optional<booking>> find_booking(service& s, booking_id id) {
    return s.pg.read_one<booking>(sql::find_booking, id);
}

task<std::vector<booking>> list_bookings_of_user(service& s, user_id who, booking_id before,
                                                 std::int32_t most) {
    return s.pg.read<booking>(sql::list_bookings_of_user, who, before, most);
}

task<std::vector<booking>> list_bookings_of_astrologer(service& s, user_id who, booking_id before,
                                                       std::int32_t most) {
    return s.pg.read<booking>(sql::list_bookings_of_astrologer, who, before, most);
}

}  // namespace astrotalk::booking
