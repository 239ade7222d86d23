#include "identity/identity.hpp"
#include "identity/queries.hpp"

namespace astrotalk::identity {
namespace {

// Longer than a statement may take: one that began before the last reading may become visible after it.
constexpr std::chrono::seconds overlap{10};

struct tail_row {
    instant read_at;
    std::optional<astrotalk::user_id> user_id;
    std::optional<astrotalk::family_id> family_id;
    std::optional<instant> at;
};
BOOST_DESCRIBE_STRUCT(tail_row, (), (read_at, user_id, family_id, at))

task<void> until_none(pg::client& pg, const pg::statement& prune) {
    while (co_await pg.execute(prune) > 0) {
    }
}

}  // namespace

task<void> tail_revocations(pg::client& pg, revocations& into) {
    const auto asked = std::chrono::steady_clock::now();
    std::optional<instant> since = into.last_read();
    if (since) *since -= overlap;
    const auto rows =
        co_await pg.read<tail_row>(sql::tail_revocations, since, static_cast<int>(into.keep().count()));
    std::vector<revocation> found;
    for (const auto& row : rows)
        if (row.user_id) found.push_back({*row.user_id, row.family_id, *row.at});
    into.apply(found, rows.front().read_at, asked);
}

task<void> prune_sign_ins(pg::client& pg) {
    co_await end_families_without_client(pg);
    co_await until_none(pg, sql::prune_sessions);
    co_await until_none(pg, sql::prune_guards);
    co_await until_none(pg, sql::prune_buckets);
    co_await until_none(pg, sql::prune_email_guards);
    co_await pg.execute(sql::prune_revocations);
    co_await pg.execute(sql::prune_changes);
    co_await pg.execute(sql::prune_email_changes);
}

}  // namespace astrotalk::identity
