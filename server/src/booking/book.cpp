#include "booking/queries.hpp"
#include "booking/steps.hpp"
#include "core/clock.hpp"
#include "http/json.hpp"

namespace astrotalk::booking {
namespace {

struct terms : stored_answer {
    std::optional<user_id> astrologer_id;  // nothing: no such hold
    std::optional<std::string> astrologer_name;
    std::optional<instant> starts_at, ends_at;
    std::optional<astrotalk::channel> channel;
    std::optional<money> price_per_minute;
    std::optional<bool> held;
    std::optional<money> cash, bonus;
    std::vector<std::string> missing;  // in the user's profile
    BOOST_DESCRIBE_CLASS(terms, (stored_answer),
                         (astrologer_id, astrologer_name, starts_at, ends_at, channel, price_per_minute, held,
                          cash, bonus, missing),
                         (), ())
};

booking compose(const terms& t, user_id who, const policy& by, instant now) {
    booking made;
    made.id = booking_id::make();
    made.user_id = who;
    made.astrologer_id = *t.astrologer_id;
    made.astrologer_name = *t.astrologer_name;
    made.starts_at = *t.starts_at;
    made.ends_at = *t.ends_at;
    made.minutes = static_cast<std::int32_t>((made.ends_at - made.starts_at) / std::chrono::minutes(1));
    made.channel = *t.channel;
    made.price_per_minute = *t.price_per_minute;
    made.price = made.price_per_minute * made.minutes;
    made.state = "confirmed";
    made.policy = by;
    made.created_at = now;
    return made;
}

}  // namespace

task<outcome<answer>> book(service& s, caller who, http::idempotency_key key, occupancy_id hold) {
    for (int tries = 0; tries < most_tries; ++tries) {
        const auto t = *co_await s.pg.read_one<terms>(sql::read_book_terms, who.id, hold, key.key);
        if (auto again = replay(t, key)) co_return std::move(*again);
        if (!t.missing.empty()) co_return refusal{error::profile_incomplete, {}, {}, t.missing};
        if (!t.astrologer_id) co_return refusal{error::hold_not_found};
        if (!*t.held) co_return refusal{error::hold_expired};

        const booking made = compose(t, who.id, s.terms, clock::now());
        const money cash = t.cash.value_or(money{}), bonus = t.bonus.value_or(money{});
        const auto parts = pay(made.price, cash, bonus);
        if (!parts) {
            const money available = cash + bonus;
            co_return refusal{
                error::insufficient_funds, {}, shortage{made.price, available, made.price - available}};
        }
        auto body = http::to_json(made);
        const uuid outbox = uuid::v7();
        const auto payload = s.seal(outbox, "{\"bookingId\":\"" + made.id.to_string() + "\"}");
        const auto stored = co_await s.pg.try_write<uuid>(
            sql::book_hold, hold, who.id, parts->bonus, parts->cash, uuid::v7(), made.id, made.created_at,
            uuid::v7(), uuid::v7(), who.role, who.request_id, outbox, payload, key.key, fingerprint_of(key),
            body, http::to_json(made.policy));
        if (stored.has_value() && !stored->empty())
            co_return answer{201, std::move(body), false, made.id.value};
        // The hold, the money or the key went to another request: decide again from what there is now.
    }
    throw pg::unavailable();
}

}  // namespace astrotalk::booking
