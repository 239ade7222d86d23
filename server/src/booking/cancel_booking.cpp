#include "booking/end_booking.hpp"
#include "core/clock.hpp"

namespace astrotalk::booking {

task<outcome<answer>> cancel_booking(service& s, caller who, http::idempotency_key key, booking_id id,
                                     std::optional<std::string> reason, std::optional<money> shown) {
    for (int tries = 0; tries < most_tries; ++tries) {
        if (auto again = co_await find_replay(s.pg, who.id, key)) co_return std::move(*again);
        const auto b = co_await read_sold(s.pg, id);
        const auto side = b ? side_of(*b, who.id, who.role == "admin") : std::nullopt;
        if (!side) co_return refusal{error::booking_not_found};
        const instant now = clock::now();
        if (const auto why = refusal_of(move::cancel, *side, *b, now))
            co_return co_await refuse_or_replay(s.pg, who.id, key, {*why});
        const ending how = cancelled(*b, *side, now);
        if (shown && how.refund < *shown) {
            refusal less{error::refund_changed};
            less.refund = how.refund;
            co_return less;
        }
        cause why{who.id, std::string(name_of(*side)), "booking.cancel", reason, who.request_id, key, true};
        if (auto body = co_await end_booking(s, *b, how, now, std::move(why)))
            co_return answer{200, std::move(*body), false, id.value};
    }
    throw pg::unavailable();
}

task<outcome<cancellation>> preview_cancellation(service& s, caller who, booking_id id) {
    const auto b = co_await read_sold(s.pg, id);
    const auto side = b ? side_of(*b, who.id, who.role == "admin") : std::nullopt;
    if (!side) co_return refusal{error::booking_not_found};
    const instant now = clock::now();
    if (const auto why = refusal_of(move::cancel, *side, *b, now)) co_return refusal{*why};
    const ending how = cancelled(*b, *side, now);
    const auto parts = divide(b->paid(), how.refund, b->policy);
    const auto [all_until, part_until] = deadlines_of(*b);
    co_return cancellation{b->price,    how.refund, parts.cash_back, parts.bonus_back,
                           how.apology, all_until,  part_until,      now};
}

}  // namespace astrotalk::booking
