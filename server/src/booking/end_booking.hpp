// What the ways to end a booking share. Not for other folders.
#pragma once

#include "booking/ends.hpp"
#include "booking/steps.hpp"

namespace astrotalk::booking {

// A booking with what was paid for it and what it blocks.
struct sold : booking {
    money paid_bonus, paid_cash;
    astrotalk::occupancy_id occupancy_id;
    instant blocked_from, blocked_to;
    payment paid() const { return {paid_bonus, paid_cash}; }
    BOOST_DESCRIBE_CLASS(sold, (booking), (paid_bonus, paid_cash, occupancy_id, blocked_from, blocked_to), (),
                         ())
};
task<std::optional<sold>> read_sold(pg::client& pg, booking_id id);
task<std::optional<sold>> read_sold_within(pg::transaction& t, booking_id id);

// The stored answer under that key, if any, or the refusal of another body under it.
task<std::optional<outcome<answer>>> find_replay(pg::client& pg, user_id who, http::idempotency_key key);

// A refusal, unless a request with the same key did it after the key was looked for.
task<outcome<answer>> refuse_or_replay(pg::client& pg, user_id who, http::idempotency_key key, refusal why);

std::string payload_about(booking_id id);
// The news of a booking's move, of which only the last is told.
std::string payload_about_move(const booking& moved);

// Who ends it and why, for the audit trail.
struct cause {
    std::optional<user_id> actor;  // nothing: the settler
    std::string role, action;
    std::optional<std::string> reason, request_id;
    std::optional<http::idempotency_key> key;
    bool before_start = false;  // the clock of the database has to agree that it has not started
};

// What the booking is when it has ended that way.
booking ended(booking b, const ending& how, instant at);
// Ends it, if it is still as `before` has it, and says what it is then, as JSON. Nothing: something else was
// first.
task<std::optional<std::string>> end_booking(service& s, sold before, ending how, instant at, cause why);
// The same as a part of a transaction. False: something else was first.
task<bool> end_booking_within(pg::transaction& t, service& s, sold before, ending how, instant at, cause why);

}  // namespace astrotalk::booking
