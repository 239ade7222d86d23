#include "booking/time_off_steps.hpp"

#include "booking/end_booking.hpp"
#include "booking/policy_row.hpp"
#include "booking/queries.hpp"
#include "core/clock.hpp"
#include "http/json.hpp"

namespace astrotalk::booking {
namespace {

struct stand_in_row : rules_row {
    user_id id;
    BOOST_DESCRIBE_CLASS(stand_in_row, (rules_row), (id), (), ())
};

struct given_row {
    uuid id;
    std::optional<std::string> lost;
    BOOST_DESCRIBE_CLASS(given_row, (), (id, lost), (), ())
};

bool can_take(const stand_in_row& who, const booking& b, instant now) {
    if (!price_of(who, b.channel, b.minutes, false)) return false;
    const rules by = rules_from(who);
    return offered(by, b.starts_at, std::chrono::minutes(b.minutes), now) &&
           !full(by, who.counted, b.starts_at);
}

}  // namespace

task<bool> cancel_for_time_off(service& s, pg::transaction& t, caller who, booking_id id) {
    const auto b = co_await read_sold_within(t, id);
    const instant now = clock::now();
    if (!b || refusal_of(move::cancel, side::astrologer, *b, now)) co_return false;
    co_return co_await end_booking_within(t, s, *b, cancelled(*b, side::astrologer, now), now,
                                          {.actor = who.id,
                                           .role = "astrologer",
                                           .action = "booking.cancel",
                                           .reason = "The astrologer takes time off",
                                           .request_id = who.request_id,
                                           .key = {},
                                           .before_start = true});
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
            uuid::v7(), who.role, who.request_id, outbox, s.seal(outbox, payload_about(id)));
        co_return given.has_value();
    }
    co_return false;
}

}  // namespace astrotalk::booking
