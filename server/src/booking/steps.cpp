#include "booking/steps.hpp"

#include <algorithm>

#include "booking/queries.hpp"
#include "core/log.hpp"

namespace astrotalk::booking {
namespace {

struct calendar_row : rules_row {
    std::vector<instant> astrologer_from, astrologer_to, user_from, user_to;
    BOOST_DESCRIBE_CLASS(calendar_row, (rules_row), (astrologer_from, astrologer_to, user_from, user_to), (),
                         ())
};

std::vector<range> ranges(const std::vector<instant>& from, const std::vector<instant>& to) {
    std::vector<range> made;
    made.reserve(from.size());
    for (std::size_t i = 0; i < from.size(); ++i) made.push_back({from[i], to[i]});
    return made;
}

}  // namespace

rules rules_from(const rules_row& row) {
    const auto* zone = find_zone(*row.zone);
    if (zone == nullptr) {
        // Only a machine without the zone's rules comes here: zones are checked when they are set.
        log::error("booking.zone_unknown", {{"zone", log::text(*row.zone)}});
        throw pg::unavailable();
    }
    return {.zone = zone,
            .weekly = without(merge_weekly(row.weekly), merge_weekly(row.breaks)),
            .buffer_before = std::chrono::minutes(*row.buffer_before),
            .buffer_after = std::chrono::minutes(*row.buffer_after),
            .notice = std::chrono::minutes(*row.notice_minutes),
            .window = std::chrono::days(*row.window_days),
            .interval = std::chrono::minutes(*row.slot_interval),
            .overrides = unpack_overrides(row.overrides),
            .daily_cap = row.daily_cap,
            .weekly_cap = row.weekly_cap};
}

result<money, error> price_of(const rules_row& row, channel by, std::int32_t minutes, bool free) {
    if (!row.prices) return error::astrologer_not_found;
    const auto& price = row.prices->of(by);
    if (!price) return error::channel_not_offered;
    if (free) {
        if (row.free_minutes != minutes) return error::length_not_offered;
        return money{};
    }
    if (std::ranges::find(row.lengths, minutes) == row.lengths.end()) return error::length_not_offered;
    return *price;
}

bytes fingerprint_of(const http::idempotency_key& key) {
    return {key.fingerprint.begin(), key.fingerprint.end()};
}

std::optional<outcome<answer>> replay(const stored_answer& stored, const http::idempotency_key& key) {
    if (!stored.answer) return std::nullopt;
    if (*stored.fingerprint != fingerprint_of(key))
        return outcome<answer>(refusal{error::idempotency_key_reused});
    return outcome<answer>(answer{*stored.answered, *stored.answer, true});
}

task<std::optional<calendar>> read_calendar(pg::client& pg, user_id astrologer, user_id who, range within) {
    auto row =
        co_await pg.read_one<calendar_row>(sql::read_calendar, astrologer, who, within.from, within.to);
    if (!row) co_return std::nullopt;
    const rules by = rules_from(*row);
    taken out{ranges(row->astrologer_from, row->astrologer_to), ranges(row->user_from, row->user_to),
              std::move(row->counted)};
    co_return calendar{std::move(*row), by, std::move(out)};
}

}  // namespace astrotalk::booking
