#include "privacy/data_requests.hpp"
#include "privacy/queries.hpp"

namespace astrotalk::privacy {

task<std::optional<held_person>> set_hold(request_service& s, data_officer by, user_id whose) {
    std::optional<held_person> made;
    const auto id = uuid::v7(), trail = uuid::v7();
    auto body = [&](pg::transaction& t) -> task<void> {
        // Alone: batches and erasures under way end first, and later ones see the hold.
        co_await t.execute(sql::take_hold_lock);
        made = co_await t.query_one<held_person>(sql::set_hold, id, whose, by.reason, by.id, trail,
                                                 by.request_id);
    };
    co_await s.pg.transact(body);
    co_return made;
}

task<std::optional<held_person>> lift_hold(request_service& s, data_officer by, uuid hold) {
    co_return co_await s.pg.write_one<held_person>(sql::lift_hold, hold, by.id, by.reason, uuid::v7(),
                                                   by.request_id);
}

task<std::vector<data_request>> read_requests(request_service& s, data_officer who, uuid before,
                                              std::int32_t most) {
    co_return co_await s.pg.write<data_request>(sql::read_requests, before, most, uuid::v7(), who.id,
                                                who.reason, who.request_id, who.role);
}

}  // namespace astrotalk::privacy
