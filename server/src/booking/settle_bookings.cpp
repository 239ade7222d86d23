#include "booking/end_booking.hpp"
#include "booking/queries.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"

namespace astrotalk::booking {
namespace {

struct due_row {
    uuid id;
    instant ends_at;
    BOOST_DESCRIBE_CLASS(due_row, (), (id, ends_at), (), ())
};

std::string action_of(booking_state state) {
    return state == booking_state::completed ? "booking.complete" : "booking.no_show";
}

// Whether this call ended it. Who lost the race for it finds it ended, or moved to another time.
task<bool> settle(service& s, booking_id id) {
    const auto b = co_await read_sold(s.pg, id);
    if (!b) co_return false;
    const instant now = clock::now();
    const auto how = settled(*b, now);
    if (!how) co_return false;
    cause why{std::nullopt, "system", action_of(how->state), {}, {}, {}, false};
    const auto done = co_await end_booking(s, *b, *how, now, std::move(why));
    co_return done.has_value();
}

}  // namespace

task<std::int64_t> settle_bookings(service& s) {
    constexpr std::int64_t batch = 100;
    std::int64_t ended = 0;
    due_row after{};
    for (;;) {
        const auto due = co_await s.pg.write<due_row>(sql::find_due, after.ends_at, after.id, batch);
        for (const auto& each : due)
            if (co_await settle(s, booking_id{each.id})) ++ended;
        if (static_cast<std::int64_t>(due.size()) < batch) co_return ended;
        after = due.back();
    }
}

}  // namespace astrotalk::booking
