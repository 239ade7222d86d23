#include <algorithm>

#include "core/clock.hpp"
#include "directory/directory.hpp"
#include "directory/queries.hpp"

namespace astrotalk::directory {
namespace {

using namespace std::chrono_literals;

constexpr std::int32_t occupancies_at_once = 5000, schedules_at_once = 200;
// Longer than a statement may take, and clocks of nodes may differ: an occupancy with an older id may still
// become visible.
constexpr auto overlap = 15s;
// Where nothing is free, or nobody knows: looked at again then, or when something changes.
constexpr auto patience = 1h;
// In a query's parameters, where there is no free time at all.
const instant never = std::chrono::sys_days(std::chrono::year(9999) / 12 / 31);

struct occupancy_row {
    uuid id;
    user_id astrologer_id;
};
BOOST_DESCRIBE_STRUCT(occupancy_row, (), (id, astrologer_id))

struct claimed {
    user_id id;
    instant claim;
    std::optional<instant> before;
    std::int32_t notice_minutes = 0, window_days = 0;
};
BOOST_DESCRIBE_STRUCT(claimed, (), (id, claim, before, notice_minutes, window_days))

// The lowest id of that instant.
uuid id_at(instant at) {
    auto millis = static_cast<std::uint64_t>(
        std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count());
    uuid made;
    for (std::size_t i = 6; i-- > 0; millis >>= 8) made.bytes[i] = static_cast<std::uint8_t>(millis);
    return made;
}

// The first start that anybody could book; most have one within a day.
task<std::optional<instant>> first_free(booking::service& bookings, claimed who) {
    for (const std::chrono::days horizon : {std::chrono::days(1), std::chrono::days(who.window_days)}) {
        const auto found = co_await booking::find_next_slots(bookings, user_id{}, who.id, horizon, 1);
        if (!found) co_return std::nullopt;
        if (!found->items.empty()) co_return found->items.front().starts_at;
    }
    co_return std::nullopt;
}

// Time goes by and the next slot comes nearer: that is no news. That an earlier one is free is.
bool is_news(const claimed& who, std::optional<instant> found, instant now) {
    return found && *found < now + 24h && (!who.before || *who.before >= *found + 1h);
}

}  // namespace

task<void> free_time::mark_changed() {
    auto& pg = bookings_.pg;
    const uuid settled = id_at(clock::now() - overlap);
    if (!upto_) upto_ = co_await pg.read_one<uuid>(sql::read_progress);
    // Nobody has looked yet: everybody is due.
    if (upto_->is_nil()) upto_ = settled;
    std::vector<user_id> busy;
    std::vector<uuid> now_seen;
    uuid after = *upto_;
    for (bool more = true; more;) {
        const auto rows =
            co_await pg.read<occupancy_row>(sql::read_new_occupancies, after, occupancies_at_once);
        more = std::ssize(rows) == occupancies_at_once;
        for (const auto& each : rows) {
            after = each.id;
            if (!std::ranges::binary_search(seen_, each.id)) busy.push_back(each.astrologer_id);
            if (settled < each.id) now_seen.push_back(each.id);
        }
    }
    const uuid upto = std::max(*upto_, settled);
    co_await pg.execute(sql::mark_schedules, busy, upto);
    upto_ = upto;
    seen_ = std::move(now_seen);
}

task<bool> free_time::compute_some() {
    auto& pg = bookings_.pg;
    const auto all = co_await pg.write<claimed>(sql::claim_schedules, schedules_at_once);
    std::vector<user_id> ids, told;
    std::vector<instant> claims, free, due;
    std::vector<uuid> events;
    std::vector<bytes> payloads;
    for (const auto& each : all) {
        const instant now = clock::now();
        const auto found = co_await first_free(bookings_, each);
        ids.push_back(each.id);
        claims.push_back(each.claim);
        free.push_back(found.value_or(never));
        const instant ends =
            found ? *found - std::chrono::minutes(each.notice_minutes) + 1us : now + patience;
        due.push_back(std::max<instant>(ends, now + 1s));
        if (!is_news(each, found, now)) continue;
        told.push_back(each.id);
        events.push_back(uuid::v7());
        payloads.push_back(bookings_.seal(
            events.back(), fmt::format(R"({{"astrologerId":"{}","what":"free"}})", each.id.to_string())));
    }
    if (ids.empty()) co_return false;
    co_await pg.execute(sql::store_next_free, ids, claims, free, due);
    if (!told.empty()) co_await pg.execute(sql::tell_followers, events, told, payloads);
    co_return std::ssize(all) == schedules_at_once;
}

task<void> free_time::refresh() {
    co_await mark_changed();
    // What is left waits for the next time: whose time has changed comes first then.
    for (int rounds = 0; rounds < 10; ++rounds)
        if (!co_await compute_some()) co_return;
}

}  // namespace astrotalk::directory
