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
    BOOST_DESCRIBE_CLASS(terms, (rules_row, stored_answer), (taken, stale, own_hold), (), ())
};

struct replaced_row {
    uuid id;
    std::optional<std::string> lost;
    BOOST_DESCRIBE_CLASS(replaced_row, (), (id, lost), (), ())
};

// Alternatives are looked for from two days before to a week after, which is one read.
refusal with_alternatives(error why, const rules& by, const taken& out, const hold_request& asked, range near,
                          instant now) {
    const minutes length(asked.minutes);
    return {why, nearest(slots(by, out, near, length, now), asked.starts_at, length, 5), std::nullopt};
}

range around(instant start) { return {start - std::chrono::days(2), start + std::chrono::days(7)}; }

task<refusal> refuse(service& s, caller who, rules by, hold_request asked, error why, instant now) {
    const range near = around(asked.starts_at);
    const auto out = co_await read_taken(s.pg, asked.astrologer_id, who.id, near);
    co_return with_alternatives(why, by, out, asked, near, now);
}

// Why the statement found the time taken; nothing when it is free again, or was lost to the user's own other
// request.
task<std::optional<refusal>> why_lost(service& s, caller who, rules by, hold_request asked, instant now) {
    const range near = around(asked.starts_at);
    const range span = span_of(asked.starts_at, minutes(asked.minutes));
    const auto out = co_await read_taken(s.pg, asked.astrologer_id, who.id, near);
    const auto in = [](const std::vector<range>& list, range what) {
        return std::any_of(list.begin(), list.end(), [&](range each) { return each.overlaps(what); });
    };
    if (in(out.astrologer, blocked_by(by, span)))
        co_return with_alternatives(error::slot_taken, by, out, asked, near, now);
    if (in(out.user, span)) co_return with_alternatives(error::user_busy, by, out, asked, near, now);
    co_return std::nullopt;
}

// Whether the hold was made. The answer is stored with it.
task<bool> store(service& s, caller who, http::idempotency_key key, hold made, range blocked,
                 std::vector<uuid> ending, std::string body) {
    const auto fingerprint = fingerprint_of(key);
    const uuid audit = uuid::v7();
    if (ending.empty()) {
        const auto stored = co_await s.pg.try_write<uuid>(
            sql::make_hold, made.id, made.astrologer_id, who.id, made.starts_at, made.ends_at, blocked.from,
            blocked.to, made.price_per_minute, made.expires_at, key.key, fingerprint, body, audit, who.role,
            who.request_id);
        co_return stored.has_value() && !stored->empty();
    }
    const auto stored = co_await s.pg.try_write<replaced_row>(
        sql::replace_hold, made.id, made.astrologer_id, who.id, made.starts_at, made.ends_at, blocked.from,
        blocked.to, made.price_per_minute, made.expires_at, key.key, fingerprint, body, audit, who.role,
        who.request_id, ending);
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
    for (int tries = 0; tries < most_tries; ++tries) {
        const instant now = clock::now();
        auto t = *co_await s.pg.read_one<terms>(sql::read_hold_terms, who.id, asked.astrologer_id, span.from,
                                                span.to, key.key);
        if (auto again = replay(t, key)) co_return std::move(*again);
        if (who.id == asked.astrologer_id) co_return refusal{error::own_time};
        if (!t.price_per_minute) co_return refusal{error::astrologer_not_found};
        const rules by = rules_from(t);
        if (!offered(by, asked.starts_at, length, now))
            co_return co_await refuse(s, who, by, asked, error::slot_not_offered, now);
        if (t.taken) co_return co_await refuse(s, who, by, asked, error::slot_taken, now);

        const hold made{occupancy_id::make(),
                        asked.astrologer_id,
                        span.from,
                        span.to,
                        asked.minutes,
                        *t.price_per_minute,
                        *t.price_per_minute * asked.minutes,
                        expiry_of(now, s.hold_lifetime, span.from)};
        auto body = http::to_json(made);
        if (co_await store(s, who, key, made, blocked_by(by, span), to_end(t), body))
            co_return answer{201, std::move(body), false, made.id.value};
        if (auto why = co_await why_lost(s, who, by, asked, now)) {
            // A request with the same key may be what was first.
            const auto stored = co_await s.pg.read_one<stored_answer>(sql::read_answer, who.id, key.key);
            if (stored)
                if (auto again = replay(*stored, key)) co_return std::move(*again);
            co_return std::move(*why);
        }
    }
    throw pg::unavailable();
}

}  // namespace astrotalk::booking
