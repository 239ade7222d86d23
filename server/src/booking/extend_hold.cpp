#include "booking/end_booking.hpp"
#include "booking/queries.hpp"
#include "core/clock.hpp"
#include "http/json.hpp"
#include "pg/channel.hpp"

namespace astrotalk::booking {
namespace {

struct held_row : stored_answer {
    std::optional<occupancy_id> id;  // nothing: no such hold
    std::optional<user_id> astrologer_id;
    std::optional<instant> starts_at, ends_at;
    std::optional<astrotalk::channel> channel;
    std::optional<money> price_per_minute;
    std::optional<instant> expires_at;
    std::optional<bool> extended, held;
    BOOST_DESCRIBE_CLASS(held_row, (stored_answer),
                         (id, astrologer_id, starts_at, ends_at, channel, price_per_minute, expires_at,
                          extended, held),
                         (), ())
};

hold extended(const held_row& h, std::chrono::seconds lifetime) {
    const auto minutes = static_cast<std::int32_t>((*h.ends_at - *h.starts_at) / std::chrono::minutes(1));
    return {*h.id,
            *h.astrologer_id,
            *h.starts_at,
            *h.ends_at,
            minutes,
            *h.channel,
            *h.price_per_minute,
            *h.price_per_minute * minutes,
            extended_expiry(*h.expires_at, lifetime, *h.starts_at),
            true};
}

}  // namespace

task<outcome<answer>> extend_hold(service& s, caller who, http::idempotency_key key, occupancy_id id) {
    for (int tries = 0; tries < most_tries; ++tries) {
        const auto h = *co_await s.pg.read_one<held_row>(sql::read_hold, who.id, id, key.key);
        if (auto again = replay(h, key)) co_return std::move(*again);
        if (!h.id) co_return refusal{error::hold_not_found};
        if (!*h.held) co_return refusal{error::hold_expired};
        if (*h.extended) co_return refusal{error::hold_extended_before};

        const hold made = extended(h, s.hold_lifetime);
        auto body = http::to_json(made);
        const auto stored =
            co_await s.pg.try_write<uuid>(sql::extend_hold, id, who.id, made.expires_at, uuid::v7(), who.role,
                                          who.request_id, key.key, fingerprint_of(key), body);
        if (stored.has_value() && !stored->empty()) co_return answer{200, std::move(body), false, id.value};
    }
    throw pg::unavailable();
}

}  // namespace astrotalk::booking
