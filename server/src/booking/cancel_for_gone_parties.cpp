#include "booking/queries.hpp"
#include "booking/steps.hpp"

namespace astrotalk::booking {
namespace {

constexpr std::int32_t batch = 100;

// Nobody in particular: it is the platform that cancels.
const caller platform{user_id{}, "admin", "party_gone"};

// The same in every attempt, so that a booking is cancelled once.
http::idempotency_key key_of(booking_id id) {
    auto name = "party_gone:" + id.to_string();
    return {name, name};
}

}  // namespace

task<void> cancel_for_gone_parties(service& s) {
    for (const auto& who : co_await s.pg.read<user_id>(sql::list_gone_parties, batch)) {
        for (const auto& id : co_await s.pg.read<booking_id>(sql::list_bookings_of_gone, who))
            co_await cancel_booking(s, platform, key_of(id), id,
                                    "One of the two may not act on the platform any more.");
        co_await s.pg.execute(sql::forget_gone_party, who);
    }
}

}  // namespace astrotalk::booking
