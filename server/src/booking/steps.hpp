// What the use cases of this folder share. Not for other folders.
#pragma once

#include "booking/booking.hpp"
#include "pg/channel.hpp"

namespace astrotalk::booking {

// A race that is lost is read and decided again, so the loser learns why. Races are short: nobody loses this
// many.
inline constexpr int most_tries = 16;

// The columns that astrologer rows share among the reading statements.
struct rules_row {
    std::optional<channel_prices> prices;  // nothing: not listed
    std::optional<std::string> zone;
    std::vector<std::int32_t> weekly;
    std::optional<std::int32_t> buffer_before, buffer_after, notice_minutes, window_days, slot_interval;
    std::vector<std::int32_t> lengths;
    std::optional<std::int32_t> free_minutes;
    std::vector<std::int32_t> breaks, overrides;
    std::optional<std::int32_t> daily_cap, weekly_cap;
    std::vector<instant> counted;
    BOOST_DESCRIBE_CLASS(rules_row, (),
                         (prices, zone, weekly, buffer_before, buffer_after, notice_minutes, window_days,
                          slot_interval, lengths, free_minutes, breaks, overrides, daily_cap, weekly_cap,
                          counted),
                         (), ())
    bool capped() const { return daily_cap || weekly_cap; }
};
rules rules_from(const rules_row& row);
// What a minute of that consultation costs, or why it is not on sale.
result<money, error> price_of(const rules_row& row, channel by, std::int32_t minutes, bool free);

// What was stored under the key, if anything.
struct stored_answer {
    std::optional<bytes> fingerprint;
    std::optional<std::int32_t> answered;
    std::optional<std::string> answer;
    BOOST_DESCRIBE_CLASS(stored_answer, (), (fingerprint, answered, answer), (), ())
};
// The stored answer again, or the refusal of another body under its key; nothing when the key is new.
std::optional<outcome<answer>> replay(const stored_answer& stored, const http::idempotency_key& key);

bytes fingerprint_of(const http::idempotency_key& key);

struct calendar {
    rules_row row;
    rules by;
    taken out;
};
// Nothing when the astrologer is not listed. What lies in `within` is seen, and no more: it covers the starts
// that are asked for and what they last.
task<std::optional<calendar>> read_calendar(pg::client& pg, user_id astrologer, user_id who, range within);

// What the routes share.
caller caller_of(const http::exchange& x);
http::response answered(const outcome<answer>& what);

}  // namespace astrotalk::booking
