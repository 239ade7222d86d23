#include "booking/booking.hpp"
#include "booking/queries.hpp"
#include "pg/channel.hpp"

namespace astrotalk::booking {

task<std::optional<hold>> view_hold(service& s, user_id who, occupancy_id id) {
    return s.pg.read_one<hold>(sql::find_hold, id, who);
}

task<bool> release_hold(service& s, caller who, occupancy_id id) {
    const auto released =
        co_await s.pg.write_one<uuid>(sql::release_hold, id, who.id, uuid::v7(), who.role, who.request_id);
    co_return released.has_value();
}

task<std::int64_t> expire_holds(pg::client& pg) {
    constexpr std::int64_t batch = 200;
    std::int64_t ended = 0;
    for (;;) {
        const auto some = co_await pg.write<uuid>(sql::expire_holds, batch);
        ended += static_cast<std::int64_t>(some.size());
        if (static_cast<std::int64_t>(some.size()) < batch) co_return ended;
    }
}

}  // namespace astrotalk::booking
