#include "onboarding/onboarding.hpp"
#include "onboarding/queries.hpp"

namespace astrotalk::onboarding {
namespace {

struct stored_hours {
    std::string zone;
    std::vector<std::int32_t> weekly;
    std::int32_t buffer_before = 0, buffer_after = 0, notice_minutes = 0, window_days = 0;
    std::vector<std::int32_t> breaks;
    std::int32_t slot_interval = 0;
    std::vector<std::int32_t> lengths;
    std::optional<std::int32_t> free_minutes, daily_cap, weekly_cap;
};
BOOST_DESCRIBE_STRUCT(stored_hours, (),
                      (zone, weekly, buffer_before, buffer_after, notice_minutes, window_days, breaks,
                       slot_interval, lengths, free_minutes, daily_cap, weekly_cap))

availability on_the_wire(const stored_hours& row) {
    return {row.zone,           to_rules(row.weekly), row.buffer_before,    row.buffer_after,
            row.notice_minutes, row.window_days,      to_rules(row.breaks), row.slot_interval,
            row.lengths,        row.free_minutes,     row.daily_cap,        row.weekly_cap};
}

}  // namespace

task<std::optional<availability>> find_availability(pg::client& pg, user_id astrologer) {
    const auto row = co_await pg.read_one<stored_hours>(sql::find_availability, astrologer);
    if (!row) co_return std::nullopt;
    co_return on_the_wire(*row);
}

task<outcome<availability>> set_availability(pg::client& pg, user_id astrologer, availability hours,
                                             std::string request_id) {
    hours = completed(std::move(hours));
    const auto row = co_await pg.write_one<stored_hours>(
        sql::set_availability, astrologer, hours.zone, to_minutes(hours.weekly), hours.buffer_before,
        hours.buffer_after, hours.notice_minutes, hours.window_days, uuid::v7(), request_id,
        to_minutes(*hours.breaks), *hours.slot_interval, *hours.lengths, hours.free_minutes, hours.daily_cap,
        hours.weekly_cap);
    if (!row) co_return refusal{error::profile_incomplete};  // hours belong to a profile
    co_return on_the_wire(*row);
}

}  // namespace astrotalk::onboarding
