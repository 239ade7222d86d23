#include "booking/end_booking.hpp"
#include "booking/queries.hpp"
#include "core/clock.hpp"
#include "http/json.hpp"

namespace astrotalk::booking {
namespace {

using std::chrono::minutes;

struct moved_row {
    uuid id;
    std::optional<std::string> lost;
    BOOST_DESCRIBE_CLASS(moved_row, (), (id, lost), (), ())
};

struct ids_row {
    std::vector<uuid> ids;
    BOOST_DESCRIBE_CLASS(ids_row, (), (ids), (), ())
};

// The astrologer's calendar without the booking that moves: it is not in its own way, nor counted twice.
task<std::optional<calendar>> read_beside(pg::client& pg, const sold& b, range within) {
    auto known = co_await read_calendar(pg, b.astrologer_id, b.user_id, within);
    if (known) {
        std::erase(known->out.astrologer, range{b.blocked_from, b.blocked_to});
        std::erase(known->out.user, range{b.starts_at, b.ends_at});
        const auto own = std::ranges::find(known->out.counted, b.starts_at);
        if (own != known->out.counted.end()) known->out.counted.erase(own);
    }
    co_return known;
}

// With alternatives from the day around, or from the two weeks when that day has too few.
task<refusal> refuse_time(service& s, sold b, rules by, instant asked, error why, instant now) {
    constexpr std::size_t enough = 5;
    const minutes length(b.minutes);
    const instant wanted = std::clamp<instant>(asked, now, now + by.window);
    const range day{wanted - std::chrono::hours(12), wanted + std::chrono::hours(36)};
    const range weeks{wanted - std::chrono::days(2), wanted + std::chrono::days(14)};
    refusal made{why};
    for (const range& near : {day, weeks}) {
        const auto known = co_await read_beside(s.pg, b, {near.from, near.to + length});
        if (!known) break;
        auto starts = slots(by, known->out, near, length, now);
        std::erase(starts, b.starts_at);  // where it is
        made.alternatives = nearest(starts, wanted, length, enough);
        if (made.alternatives.size() == enough) break;
    }
    co_return made;
}

std::optional<error> in_the_way(const rules& by, const taken& out, range span) {
    const range blocked = blocked_by(by, span);
    if (full(by, out.counted, span.from)) return error::fully_booked;
    const auto meets = [](range with) { return [with](const range& each) { return each.overlaps(with); }; };
    if (std::ranges::any_of(out.astrologer, meets(blocked))) return error::slot_taken;
    if (std::ranges::any_of(out.user, meets(span))) return error::user_busy;
    return std::nullopt;
}

// The booking as it is when it has moved; nothing when something else was first.
task<std::optional<std::string>> store(service& s, sold b, caller who, http::idempotency_key key,
                                       instant starts_at, range blocked, bool capped,
                                       std::vector<uuid> ending) {
    booking moved = b;
    moved.starts_at = starts_at;
    moved.ends_at = starts_at + minutes(b.minutes);
    ++moved.reschedules;
    moved.user_checked_in_at.reset();
    moved.astrologer_checked_in_at.reset();
    auto body = http::to_json(moved);
    const uuid outbox = uuid::v7();
    const auto payload = s.seal(outbox, payload_about_move(moved));
    const auto stored = co_await s.pg.try_write<moved_row>(
        sql::reschedule_booking, b.id, moved.starts_at, moved.ends_at, uuid::v7(), b.reschedules,
        blocked.from, blocked.to, b.occupancy_id, ending, uuid::v7(), who.role, who.request_id, outbox,
        payload, key.key, fingerprint_of(key), body, capped);
    if (!stored.has_value() || stored->empty()) co_return std::nullopt;
    co_return std::move(body);
}

}  // namespace

task<outcome<answer>> reschedule_booking(service& s, caller who, http::idempotency_key key, booking_id id,
                                         instant starts_at) {
    for (int tries = 0; tries < most_tries; ++tries) {
        if (auto again = co_await find_replay(s.pg, who.id, key)) co_return std::move(*again);
        const auto b = co_await read_sold(s.pg, id);
        const auto side = b ? side_of(*b, who.id, who.role == "admin") : std::nullopt;
        if (!side) co_return refusal{error::booking_not_found};
        const instant now = clock::now();
        auto why = refusal_of(move::reschedule, *side, *b, now);
        if (!why && starts_at == b->starts_at) why = error::same_time;
        if (why) co_return co_await refuse_or_replay(s.pg, who.id, key, {*why});

        const minutes length(b->minutes);
        const range span = span_of(starts_at, length);
        const auto first = co_await read_calendar(s.pg, b->astrologer_id, b->user_id, span);
        if (!first) co_return refusal{error::astrologer_not_found};
        const rules& by = first->by;
        if (!offered(by, starts_at, length, now))
            co_return co_await refuse_time(s, *b, by, starts_at, error::slot_not_offered, now);
        const range blocked = blocked_by(by, span);
        // Before what is in the way, or two could deadlock: the why.md of the migration booking-ends.
        const auto ending =
            co_await s.pg.read_one<ids_row>(sql::read_holds_in_the_way, b->user_id, b->astrologer_id,
                                            span.from, span.to, blocked.from, blocked.to);
        const auto known = co_await read_beside(s.pg, *b, span);
        if (!known) co_return refusal{error::astrologer_not_found};
        if (const auto met = in_the_way(by, known->out, span)) {
            if (auto again = co_await find_replay(s.pg, who.id, key)) co_return std::move(*again);
            co_return co_await refuse_time(s, *b, by, starts_at, *met, now);
        }
        if (auto body = co_await store(s, *b, who, key, starts_at, blocked, first->row.capped(), ending->ids))
            co_return answer{200, std::move(*body), false, id.value};
    }
    throw pg::unavailable();
}

}  // namespace astrotalk::booking
