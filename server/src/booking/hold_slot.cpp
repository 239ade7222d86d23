#include "booking/queries.hpp"
#include "booking/steps.hpp"
#include "core/clock.hpp"
#include "http/json.hpp"

namespace astrotalk::booking {
namespace {

using std::chrono::minutes;

struct terms : rules_row, stored_answer {
    bool taken = false;
    std::vector<uuid> stale;  // holds of others in the way whose time is over
    std::optional<uuid> own_hold;
    std::vector<std::string> missing;  // in the user's profile
    bool free_used = false;
    bool blocked = false;  // by either of the two
    BOOST_DESCRIBE_CLASS(terms, (rules_row, stored_answer),
                         (taken, stale, own_hold, missing, free_used, blocked), (), ())
};

struct replaced_row {
    uuid id;
    std::optional<std::string> lost;
    BOOST_DESCRIBE_CLASS(replaced_row, (), (id, lost), (), ())
};

// With alternatives from the day around, or from the two weeks when that day has too few: someone whom
// everybody wants has many bookings, and is who most refusals are about.
task<refusal> refuse(service& s, caller who, rules by, hold_request asked, error why, instant now) {
    constexpr std::size_t enough = 5;
    const minutes length(asked.minutes);
    const instant wanted = std::clamp<instant>(asked.starts_at, now, now + by.window);
    const range day{wanted - std::chrono::hours(12), wanted + std::chrono::hours(36)};
    const range weeks{wanted - std::chrono::days(2), wanted + std::chrono::days(14)};
    refusal made{why};
    for (const range& near : {day, weeks}) {
        const range seen{near.from, near.to + length};
        const auto known = co_await read_calendar(s.pg, asked.astrologer_id, who.id, seen);
        if (!known) break;
        made.alternatives = nearest(slots(by, known->out, near, length, now), wanted, length, enough);
        if (made.alternatives.size() == enough) break;
    }
    co_return made;
}

// Why the statement found the time taken; nothing when it is free again, or was lost to the user's own other
// request, or the day has become full: what is read again says so.
task<std::optional<error>> why_lost(service& s, caller who, range span, range blocked, user_id astrologer) {
    const auto known = co_await read_calendar(s.pg, astrologer, who.id, span);
    if (!known) co_return std::nullopt;
    for (const range& each : known->out.astrologer)
        if (each.overlaps(blocked)) co_return error::slot_taken;
    if (!known->out.user.empty()) co_return error::user_busy;
    co_return std::nullopt;
}

// Whether the hold was made. The answer is stored with it.
task<bool> store(service& s, caller who, http::idempotency_key key, hold made, range blocked, bool capped,
                 std::vector<uuid> ending, std::string body) {
    const auto fingerprint = fingerprint_of(key);
    const uuid audit = uuid::v7();
    if (ending.empty()) {
        const auto stored = co_await s.pg.try_write<uuid>(
            sql::make_hold, made.id, made.astrologer_id, who.id, made.starts_at, made.ends_at, blocked.from,
            blocked.to, name_of(made.channel), made.price_per_minute, made.expires_at, key.key, fingerprint,
            body, audit, who.role, who.request_id, capped);
        co_return stored.has_value() && !stored->empty();
    }
    const auto stored = co_await s.pg.try_write<replaced_row>(
        sql::replace_hold, made.id, made.astrologer_id, who.id, made.starts_at, made.ends_at, blocked.from,
        blocked.to, name_of(made.channel), made.price_per_minute, made.expires_at, key.key, fingerprint, body,
        audit, who.role, who.request_id, capped, ending);
    co_return stored.has_value();
}

std::vector<uuid> to_end(terms& t) {
    auto ending = std::move(t.stale);
    if (t.own_hold) ending.push_back(*t.own_hold);
    return ending;
}

}  // namespace

task<outcome<answer>> hold_slot(service& s, caller who, http::idempotency_key key, hold_request asked) {
    const minutes length(asked.minutes);
    const range span = span_of(asked.starts_at, length);
    const bool free = asked.free.value_or(false);
    for (int tries = 0; tries < most_tries; ++tries) {
        const instant now = clock::now();
        auto t = *co_await s.pg.read_one<terms>(sql::read_hold_terms, who.id, asked.astrologer_id, span.from,
                                                span.to, key.key, free);
        if (auto again = replay(t, key)) co_return std::move(*again);
        if (!t.missing.empty()) co_return refusal{error::profile_incomplete, {}, {}, std::move(t.missing)};
        if (who.id == asked.astrologer_id) co_return refusal{error::own_time};
        if (!t.prices) co_return refusal{error::astrologer_not_found};
        if (t.blocked) co_return refusal{error::pair_blocked};
        const auto price = price_of(t, asked.channel, asked.minutes, free);
        if (!price) co_return refusal{price.error()};
        if (t.free_used) co_return refusal{error::free_consultation_used};
        const rules by = rules_from(t);
        if (!offered(by, asked.starts_at, length, now))
            co_return co_await refuse(s, who, by, asked, error::slot_not_offered, now);
        if (full(by, t.counted, asked.starts_at))
            co_return co_await refuse(s, who, by, asked, error::fully_booked, now);
        if (t.taken) co_return co_await refuse(s, who, by, asked, error::slot_taken, now);

        const hold made{occupancy_id::make(),
                        asked.astrologer_id,
                        span.from,
                        span.to,
                        asked.minutes,
                        asked.channel,
                        *price,
                        *price * asked.minutes,
                        expiry_of(now, s.hold_lifetime, span.from)};
        const range blocked = blocked_by(by, span);
        auto body = http::to_json(made);
        if (co_await store(s, who, key, made, blocked, t.capped(), to_end(t), body))
            co_return answer{201, std::move(body), false, made.id.value};
        if (const auto why = co_await why_lost(s, who, span, blocked, asked.astrologer_id)) {
            // A request with the same key may be what was first.
            const auto stored = co_await s.pg.read_one<stored_answer>(sql::read_answer, who.id, key.key);
            if (stored)
                if (auto again = replay(*stored, key)) co_return std::move(*again);
            co_return co_await refuse(s, who, by, asked, *why, now);
        }
    }
    throw pg::unavailable();
}

}  // namespace astrotalk::booking
