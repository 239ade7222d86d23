#include "booking/availability.hpp"
#include "booking/queries.hpp"
#include "booking/steps.hpp"
#include "booking/time_off_steps.hpp"
#include "core/clock.hpp"
#include "http/json.hpp"

namespace astrotalk::booking {
namespace {

constexpr std::size_t most_time_off = 100, most_bookings = 100;

struct time_off_row {
    occupancy_id id;
    instant from_at, to_at;
    BOOST_DESCRIBE_CLASS(time_off_row, (), (id, from_at, to_at), (), ())
};

struct way_row {
    uuid id;
    std::string kind;
    std::optional<astrotalk::booking_id> booking_id;
    std::optional<astrotalk::user_id> user_id;
    bool inside = false, ahead = false, lasting = false;
    BOOST_DESCRIBE_CLASS(way_row, (), (id, kind, booking_id, user_id, inside, ahead, lasting), (), ())
};

// What is in the way, by what has to be done about it.
struct obstacles {
    std::vector<uuid> holds, neighbours;
    std::vector<booking_id> bookings;  // by their users' ids
    std::int32_t lasting_holds = 0;
    bool other_time_off = false, under_way = false;

    bool any() const { return !bookings.empty() || lasting_holds > 0 || under_way; }
};

obstacles sorted_out(std::span<const way_row> rows) {
    obstacles found;
    for (const auto& row : rows) {
        if (!row.inside) {
            found.neighbours.push_back(row.id);
        } else if (row.kind == "break") {
            found.other_time_off = true;
        } else if (row.kind == "hold") {
            found.holds.push_back(row.id);
            found.lasting_holds += row.lasting;
        } else {
            if (row.booking_id) found.bookings.push_back(*row.booking_id);
            found.under_way = found.under_way || !row.ahead;
        }
    }
    return found;
}

std::optional<refusal> refusal_of(const obstacles& found, const time_off_request& asked) {
    if (found.other_time_off) return refusal{error::time_off_overlaps};
    if (found.under_way || (found.any() && !asked.bookings)) {
        refusal why{error::bookings_in_the_way};
        why.in_the_way = found.bookings;
        why.holds = found.lasting_holds;
        return why;
    }
    if (found.bookings.size() > most_bookings) return refusal{error::too_many};
    return std::nullopt;
}

// Somebody was first; everything is taken back and decided again.
struct lost_race : std::exception {};

task<outcome<answer>> try_once(service& s, pg::transaction& t, caller who, http::idempotency_key key,
                               time_off_request asked) {
    if (!co_await t.query_one<uuid>(sql::lock_hours, who.id)) co_return refusal{error::astrologer_not_found};
    if ((co_await t.query<time_off_row>(sql::list_time_off, who.id)).size() >= most_time_off)
        co_return refusal{error::too_many};
    const auto rows = co_await t.query<way_row>(sql::read_in_the_way, who.id, asked.from, asked.to);
    const auto found = sorted_out(rows);
    if (auto why = refusal_of(found, asked)) co_return std::move(*why);

    time_off made{occupancy_id::make(), asked.from, asked.to};
    if (!found.bookings.empty()) co_await t.query<uuid>(sql::lock_bookings, found.bookings);
    if (!found.holds.empty()) co_await t.query<uuid>(sql::end_holds, found.holds);
    for (const booking_id each : found.bookings) {
        if (asked.bookings == way_out::reassign && co_await reassign(s, t, who, each)) {
            made.reassigned.push_back(each);
            continue;
        }
        if (!co_await cancel_for_time_off(s, t, who, each)) throw lost_race();
        made.refunded.push_back(each);
    }
    if (!found.neighbours.empty())
        co_await t.query<uuid>(sql::trim_buffers, found.neighbours, asked.from, asked.to);
    auto body = http::to_json(made);
    if (!co_await t.query_one<uuid>(sql::take_time_off, made.id, who.id, made.from, made.to, uuid::v7(),
                                    who.role, who.request_id, key.key, fingerprint_of(key), body))
        throw lost_race();
    co_return answer{201, std::move(body), false, made.id.value};
}

// Nothing when the race was lost: to a rival's time, to another request with the key, or for a stand-in.
task<std::optional<outcome<answer>>> try_alone(service& s, caller who, http::idempotency_key key,
                                               time_off_request asked) {
    std::optional<outcome<answer>> done;
    auto body = [&](pg::transaction& t) -> task<void> {
        done.reset();
        done.emplace(co_await try_once(s, t, who, key, asked));
    };
    try {
        co_await s.pg.transact(body);
    } catch (const lost_race&) {
        co_return std::nullopt;
    } catch (const pg::error& e) {
        if (!e.sqlstate().starts_with("23")) throw;
        co_return std::nullopt;
    }
    co_return done;
}

}  // namespace

task<outcome<answer>> take_time_off(service& s, caller who, http::idempotency_key key,
                                    time_off_request asked) {
    for (int tries = 0; tries < most_tries; ++tries) {
        const auto stored = co_await s.pg.read_one<stored_answer>(sql::read_answer, who.id, key.key);
        if (stored)
            if (auto again = replay(*stored, key)) co_return std::move(*again);
        asked.from = std::max(asked.from, clock::now());
        if (asked.from >= asked.to) co_return refusal{error::too_late};
        if (auto done = co_await try_alone(s, who, key, asked)) co_return std::move(*done);
    }
    throw pg::unavailable();
}

task<std::vector<time_off_line>> list_time_off(service& s, user_id astrologer) {
    std::vector<time_off_line> lines;
    for (const auto& row : co_await s.pg.read<time_off_row>(sql::list_time_off, astrologer))
        lines.push_back({row.id, row.from_at, row.to_at});
    co_return lines;
}

task<bool> end_time_off(service& s, caller who, occupancy_id id) {
    co_return (
        co_await s.pg.write_one<uuid>(sql::end_time_off, id, who.id, uuid::v7(), who.role, who.request_id))
        .has_value();
}

}  // namespace astrotalk::booking
