#include "notification/inbox.hpp"
#include "notification/queries.hpp"

namespace astrotalk::notification {
namespace {

constexpr std::int32_t most_looked_at = 5000;

struct tail_row {
    instant read_at;
    std::optional<uuid> id;
    std::optional<astrotalk::user_id> user_id;
    std::optional<instant> created_at;
};
BOOST_DESCRIBE_STRUCT(tail_row, (), (read_at, id, user_id, created_at))

task<void> until_none(pg::client& database, const pg::statement& prune) {
    while (co_await database.execute(prune) > 0) {
    }
}

}  // namespace

task<std::vector<notice>> list_notifications(inbox& s, user_id whose, uuid before, std::int32_t most) {
    co_return co_await s.pg.read<notice>(sql::list_notifications, whose, before, most + 1);
}

task<std::int64_t> count_unread(inbox& s, user_id whose) {
    co_return (co_await s.pg.read_one<std::int64_t>(sql::count_unread, whose)).value_or(0);
}

task<std::int64_t> mark_read(inbox& s, user_id whose, uuid up_to) {
    co_return (co_await s.pg.write_one<std::int64_t>(sql::mark_read, whose, up_to)).value_or(0);
}

task<void> tail_notifications(pg::client& database, live_feed& feed) {
    auto& looked = feed.looked;
    if (feed.listening() == 0) {
        looked = {};
        co_return;
    }
    const auto rows = co_await database.read<tail_row>(sql::tail_notifications, looked.since, most_looked_at);
    std::vector<user_id> news;
    for (const auto& row : rows)
        if (row.id && looked.seen.emplace(*row.id, *row.created_at).second) news.push_back(*row.user_id);
    feed.wake(news);
    const bool full = rows.size() == most_looked_at;
    looked.since = full ? *rows.back().created_at : rows.front().read_at;
    std::erase_if(looked.seen,
                  [&](const auto& each) { return each.second < *looked.since - std::chrono::seconds(20); });
}

task<void> prune_notifications(pg::client& database) {
    co_await until_none(database, sql::prune_notifications);
    co_await until_none(database, sql::prune_devices);
}

}  // namespace astrotalk::notification
