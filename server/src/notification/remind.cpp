#include "notification/parts.hpp"
#include "notification/queries.hpp"

namespace astrotalk::notification {
namespace {

constexpr std::int32_t batch = 200;

struct window {
    std::string kind;
    std::int32_t lead_seconds = 0;
    std::optional<instant> up_to;
    instant after, until;
};
BOOST_DESCRIBE_STRUCT(window, (), (kind, lead_seconds, up_to, after, until))

struct due_row {
    astrotalk::booking_id id;
    instant starts_at;
};
BOOST_DESCRIBE_STRUCT(due_row, (), (id, starts_at))

// The window looks back further than this, so a write that is left out costs nothing but reading it again.
constexpr std::chrono::seconds progress_kept{20};

task<void> give(pg::client& database, const crypto::keyring& keys, std::string kind,
                std::vector<due_row> due) {
    parts rows(keys);
    std::vector<astrotalk::booking_id> bookings;
    std::vector<instant> starts;
    for (const auto& each : due) {
        bookings.push_back(each.id);
        starts.push_back(each.starts_at);
        rows.add(booking_kind(booking_news::reminder), reminder_payload{each.id, kind, each.starts_at});
    }
    co_await database.execute(sql::give_reminders, kind, bookings, starts, rows.ids, rows.payloads);
}

task<void> remind_of(pg::client& database, const crypto::keyring& keys, window w) {
    for (std::int64_t found = batch; found == batch;) {
        auto due = co_await database.read<due_row>(sql::find_due_reminders, w.kind, w.after, w.until,
                                                   w.lead_seconds, batch);
        found = static_cast<std::int64_t>(due.size());
        if (found > 0) co_await give(database, keys, w.kind, std::move(due));
    }
    if (!w.up_to || w.until - *w.up_to > progress_kept)
        co_await database.execute(sql::move_reminder_progress, w.kind, w.until);
}

}  // namespace

task<void> remind(pg::client& database, const crypto::keyring& keys) {
    for (auto& each : co_await database.read<window>(sql::read_reminder_windows))
        co_await remind_of(database, keys, std::move(each));
}

task<void> prune_reminders(pg::client& database) {
    while (co_await database.execute(sql::prune_reminders) > 0) {
    }
}

}  // namespace astrotalk::notification
