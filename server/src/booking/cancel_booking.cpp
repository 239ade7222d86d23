#include "booking/queries.hpp"
#include "booking/steps.hpp"
#include "core/clock.hpp"
#include "http/json.hpp"

namespace astrotalk::booking {
namespace {

struct cancelled_row {
    uuid id;
    std::optional<std::string> broken;
    BOOST_DESCRIBE_CLASS(cancelled_row, (), (id, broken), (), ())
};

// As what the caller cancels; nothing when the booking is none of their business.
std::optional<std::string> side_of(const booking& b, const caller& who) {
    if (who.id == b.user_id) return "user";
    if (who.id == b.astrologer_id) return "astrologer";
    if (who.role == "admin") return "admin";
    return std::nullopt;
}

}  // namespace

task<outcome<answer>> cancel_booking(service& s, caller who, http::idempotency_key key, booking_id id,
                                     std::optional<std::string> reason) {
    for (int tries = 0; tries < most_tries; ++tries) {
        const auto stored = co_await s.pg.read_one<stored_answer>(sql::read_answer, who.id, key.key);
        if (stored)
            if (auto again = replay(*stored, key)) co_return std::move(*again);
        auto b = co_await s.pg.read_one<booking>(sql::find_booking, id);
        const auto side = b ? side_of(*b, who) : std::nullopt;
        const instant now = clock::now();
        if (!side) co_return refusal{error::booking_not_found};
        if (b->state == "cancelled") {
            // A request with the same key may have done it after the key was looked for.
            const auto done = co_await s.pg.read_one<stored_answer>(sql::read_answer, who.id, key.key);
            if (!done) co_return refusal{error::already_cancelled};
            continue;
        }
        if (b->state != "confirmed" || b->starts_at <= now) co_return refusal{error::too_late};

        b->state = "cancelled";
        b->cancelled_by = side;
        b->cancelled_at = now;
        b->refund = b->price;
        auto body = http::to_json(*b);
        const uuid outbox = uuid::v7();
        const auto payload = s.seal(outbox, "{\"bookingId\":\"" + id.to_string() + "\"}");
        const auto done = co_await s.pg.try_write<cancelled_row>(
            sql::cancel_booking, id, *side, now, uuid::v7(), uuid::v7(), who.id, *side, reason,
            who.request_id, outbox, payload, key.key, fingerprint_of(key), body);
        if (done.has_value() && !done->empty()) co_return answer{200, std::move(body), false, id.value};
    }
    throw pg::unavailable();
}

}  // namespace astrotalk::booking
