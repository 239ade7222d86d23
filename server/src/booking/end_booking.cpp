#include "booking/end_booking.hpp"

#include <fmt/format.h>

#include "booking/policy_row.hpp"
#include "booking/queries.hpp"
#include "http/json.hpp"
#include "pg/channel.hpp"

namespace astrotalk::booking {
namespace {

struct ended_row {
    uuid id;
    std::optional<std::string> broken;
    BOOST_DESCRIBE_CLASS(ended_row, (), (id, broken), (), ())
};

std::optional<std::string> named(std::optional<side> by) {
    if (!by) return std::nullopt;
    return std::string(name_of(*by));
}

// Runs the statement by `write`, which encodes what it is given before it returns.
template <class Write>
auto end_with(service& s, const sold& before, const ending& how, instant at, const cause& why,
              const std::string& body, const Write& write) {
    const auto parts = divide(before.paid(), how.refund, before.policy);
    const booking after = ended(before, how, at);
    const uuid outbox = uuid::v7();
    std::optional<std::string> key;
    std::optional<bytes> fingerprint;
    if (why.key) {
        key = why.key->key;
        fingerprint = fingerprint_of(*why.key);
    }
    return write(before.id, after.state, after.cancelled_by, after.no_show_by, at, parts.cash_back,
                 parts.bonus_back, parts.earnings, parts.commission, how.apology, how.penalty,
                 before.occupancy_id, before.user_checked_in_at.has_value(),
                 before.astrologer_checked_in_at.has_value(), why.before_start, uuid::v7(), uuid::v7(),
                 uuid::v7(), uuid::v7(), uuid::v7(), why.actor, why.role, why.action, why.reason,
                 why.request_id, outbox, s.seal(outbox, payload_about(before.id)), key, fingerprint, body);
}

}  // namespace

task<std::optional<sold>> read_sold(pg::client& pg, booking_id id) {
    return pg.read_one<sold>(sql::read_sold, id);
}

task<std::optional<sold>> read_sold_within(pg::transaction& t, booking_id id) {
    return t.query_one<sold>(sql::read_sold, id);
}

task<std::optional<outcome<answer>>> find_replay(pg::client& pg, user_id who, http::idempotency_key key) {
    const auto stored = co_await pg.read_one<stored_answer>(sql::read_answer, who, key.key);
    if (!stored) co_return std::nullopt;
    co_return replay(*stored, key);
}

task<outcome<answer>> refuse_or_replay(pg::client& pg, user_id who, http::idempotency_key key, refusal why) {
    if (auto again = co_await find_replay(pg, who, std::move(key))) co_return std::move(*again);
    co_return std::move(why);
}

std::string payload_about(booking_id id) { return fmt::format(R"({{"bookingId":"{}"}})", id.to_string()); }

std::string payload_about_move(const booking& moved) {
    return fmt::format(R"({{"bookingId":"{}","moves":{}}})", moved.id.to_string(), moved.reschedules);
}

booking ended(booking b, const ending& how, instant at) {
    b.state = name_of(how.state);
    if (how.state == booking_state::cancelled) {
        b.cancelled_by = named(how.by);
        b.cancelled_at = at;
    }
    if (how.state == booking_state::no_show) b.no_show_by = named(how.by);
    b.settled_at = at;
    b.refund = how.refund;
    b.apology = how.apology;
    return b;
}

task<std::optional<std::string>> end_booking(service& s, sold before, ending how, instant at, cause why) {
    auto body = http::to_json(ended(before, how, at));
    const auto write = [&](const auto&... a) { return s.pg.try_write<ended_row>(sql::end_booking, a...); };
    const auto done = co_await end_with(s, before, how, at, why, body, write);
    if (!done.has_value() || done->empty()) co_return std::nullopt;
    co_return std::move(body);
}

task<bool> end_booking_within(pg::transaction& t, service& s, sold before, ending how, instant at,
                              cause why) {
    const auto body = http::to_json(ended(before, how, at));
    const auto write = [&](const auto&... a) { return t.query_one<ended_row>(sql::end_booking, a...); };
    co_return (co_await end_with(s, before, how, at, why, body, write)).has_value();
}

}  // namespace astrotalk::booking
