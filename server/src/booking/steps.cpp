#include "booking/steps.hpp"

#include "booking/queries.hpp"
#include "core/log.hpp"

namespace astrotalk::booking {
namespace {

struct taken_row {
    std::vector<instant> astrologer_from, astrologer_to, user_from, user_to;
    BOOST_DESCRIBE_CLASS(taken_row, (), (astrologer_from, astrologer_to, user_from, user_to), (), ())
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
    return {zone,
            merge_weekly(row.weekly),
            std::chrono::minutes(*row.buffer_before),
            std::chrono::minutes(*row.buffer_after),
            std::chrono::minutes(*row.notice_minutes),
            std::chrono::days(*row.window_days)};
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

task<taken> read_taken(pg::client& pg, user_id astrologer, user_id who, range within) {
    const auto row =
        co_await pg.read_one<taken_row>(sql::read_taken, astrologer, who, within.from, within.to);
    co_return taken{ranges(row->astrologer_from, row->astrologer_to), ranges(row->user_from, row->user_to)};
}

}  // namespace astrotalk::booking
