#include "booking/queries.hpp"
#include "booking/steps.hpp"
#include "core/clock.hpp"

namespace astrotalk::booking {

task<outcome<slot_page>> list_slots(service& s, user_id who, user_id astrologer, range within,
                                    std::int32_t minutes, channel by) {
    const auto row = co_await s.pg.read_one<rules_row>(sql::read_rules, astrologer);
    if (!row) co_return refusal{error::astrologer_not_found};
    const auto& price = row->prices->of(by);
    if (!price) co_return refusal{error::channel_not_offered};
    const rules hours = rules_from(*row);
    const std::chrono::minutes length(minutes);
    const range seen = blocked_by(hours, {within.from, within.to + length});
    const auto out = co_await read_taken(s.pg, astrologer, who, seen);

    slot_page page{*row->zone, minutes, by, *price * minutes, {}};
    const auto starts = slots(hours, out, within, length, clock::now());
    page.items.reserve(starts.size());
    for (const instant at : starts) page.items.push_back({at, at + length});
    co_return page;
}

}  // namespace astrotalk::booking
