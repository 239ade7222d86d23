#include "booking/time_off_steps.hpp"

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

struct stand_in_row : rules_row {
    user_id id;
    BOOST_DESCRIBE_CLASS(stand_in_row, (rules_row), (id), (), ())
};

struct given_row {
    uuid id;
    std::optional<std::string> lost;
    BOOST_DESCRIBE_CLASS(given_row, (), (id, lost), (), ())
};

bytes letter_about(service& s, uuid outbox, booking_id id) {
    return s.seal(outbox, "{\"bookingId\":\"" + id.to_string() + "\"}");
}

bool can_take(const stand_in_row& who, const booking& b, instant now) {
    if (!price_of(who, b.channel, b.minutes, false)) return false;
    const rules by = rules_from(who);
    return offered(by, b.starts_at, std::chrono::minutes(b.minutes), now) &&
           !full(by, who.counted, b.starts_at);
}

}  // namespace

task<bool> cancel_for_time_off(service& s, pg::transaction& t, caller who, occupancy_id time_off,
                               booking_id id) {
    auto b = co_await t.query_one<booking>(sql::find_booking, id);
    const instant now = clock::now();
    if (!b || b->state != "confirmed" || b->starts_at <= now) co_return false;
    b->state = "cancelled";
    b->cancelled_by = "astrologer";
    b->cancelled_at = now;
    b->refund = b->price;
    const http::idempotency_key key{"time-off/" + time_off.to_string() + "/" + id.to_string(), ""};
    const uuid outbox = uuid::v7();
    const auto done = co_await t.query_one<cancelled_row>(
        sql::cancel_booking, id, "astrologer", now, uuid::v7(), uuid::v7(), who.id, "astrologer",
        "The astrologer takes time off", who.request_id, outbox, letter_about(s, outbox, id), key.key,
        fingerprint_of(key), http::to_json(*b));
    co_return done.has_value();
}

task<bool> reassign(service& s, pg::transaction& t, caller who, booking_id id) {
    const auto b = co_await t.query_one<booking>(sql::find_booking, id);
    if (!b || b->state != "confirmed" || b->astrologer_id != who.id) co_return false;
    const auto near =
        co_await t.query<stand_in_row>(sql::find_stand_ins, who.id, b->user_id, name_of(b->channel),
                                       b->price_per_minute, b->starts_at, b->ends_at);
    const instant now = clock::now();
    for (const auto& each : near) {
        if (!can_take(each, *b, now)) continue;
        const range blocked = blocked_by(rules_from(each), {b->starts_at, b->ends_at});
        const uuid outbox = uuid::v7();
        // Should a rival be first, this throws, and everything is decided again.
        const auto given = co_await t.query_one<given_row>(
            sql::give_booking, id, who.id, uuid::v7(), each.id, blocked.from, blocked.to, each.capped(),
            uuid::v7(), who.role, who.request_id, outbox, letter_about(s, outbox, id));
        co_return given.has_value();
    }
    co_return false;
}

}  // namespace astrotalk::booking
