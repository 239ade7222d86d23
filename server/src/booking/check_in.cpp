#include "booking/end_booking.hpp"
#include "booking/queries.hpp"
#include "core/clock.hpp"

namespace astrotalk::booking {

task<outcome<booking>> check_in(service& s, caller who, booking_id id) {
    for (int tries = 0; tries < most_tries; ++tries) {
        auto b = co_await find_booking(s, id);
        const auto side = b ? side_of(*b, who.id, who.role == "admin") : std::nullopt;
        if (!side) co_return refusal{error::booking_not_found};
        if (const auto why = refusal_of(move::check_in, *side, *b, clock::now())) co_return refusal{*why};
        if (*side == side::user ? b->user_checked_in_at : b->astrologer_checked_in_at)
            co_return std::move(*b);
        co_await s.pg.write_one<uuid>(sql::check_in, id, name_of(*side), b->policy.check_in_minutes,
                                      uuid::v7(), who.id, who.role, who.request_id);
    }
    throw pg::unavailable();
}

}  // namespace astrotalk::booking
