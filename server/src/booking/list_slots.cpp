#include "booking/queries.hpp"
#include "booking/steps.hpp"
#include "core/clock.hpp"

namespace astrotalk::booking {

task<outcome<slot_page>> list_slots(service& s, user_id who, user_id astrologer, range within,
                                    std::int32_t minutes) {
    const auto row = co_await s.pg.read_one<rules_row>(sql::read_rules, astrologer);
    if (!row) co_return refusal{error::astrologer_not_found};
    const rules by = rules_from(*row);
    const std::chrono::minutes length(minutes);
    const range seen = blocked_by(by, {within.from, within.to + length});
    const auto out = co_await read_taken(s.pg, astrologer, who, seen);

    slot_page page{*row->zone, minutes, *row->price_per_minute * minutes, {}};
    const auto starts = slots(by, out, within, length, clock::now());
    page.items.reserve(starts.size());
    for (const instant at : starts) page.items.push_back({at, at + length});
    co_return page;
}

}  // namespace astrotalk::booking
