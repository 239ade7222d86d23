#include <stdexcept>

#include "privacy/audit.hpp"
#include "privacy/audit_rows.hpp"
#include "privacy/queries.hpp"
#include "telemetry/metrics.hpp"

namespace astrotalk::privacy {
namespace {

constexpr int batch_size = 500;

// One batch in one transaction: what is sealed leaves audit_pending in the same commit.
task<void> seal_batch(pg::transaction& within, std::int64_t* sealed) {
    *sealed = 0;
    if (!(co_await within.query_one<bool>(sql::try_sealing)).value_or(false)) co_return;
    // After the lock and in a statement of its own, so that it sees what the last sealer committed.
    const auto newest = co_await within.query_one<head_row>(sql::read_head);
    auto rows = co_await within.query<audit_row>(sql::read_pending, batch_size);
    if (rows.empty()) co_return;

    std::int64_t seq = newest ? newest->seq : 0;
    bytes previous = newest ? newest->hash : bytes(32);
    std::vector<uuid> ids;
    std::vector<std::int64_t> numbers;
    std::vector<bytes> hashes;
    for (auto& row : rows) {
        row.seq = ++seq;
        previous = chain_hash(previous, row);
        ids.push_back(row.id);
        numbers.push_back(row.seq);
        hashes.push_back(previous);
    }
    *sealed = co_await within.execute(sql::move_pending, ids, numbers, hashes);
    // Only the sealer deletes from audit_pending. If anything else does, a gap must not be sealed.
    if (*sealed != static_cast<std::int64_t>(ids.size()))
        throw std::runtime_error("audit rows left while they were being sealed");
}

}  // namespace

task<std::int64_t> seal_audit(pg::client& database) {
    static auto& count =
        telemetry::counter_of("astrotalk_audit_sealed_total", "Audit rows sealed into the chain.");
    std::int64_t total = 0, sealed = 0;
    do {
        co_await database.transact(
            [&sealed](pg::transaction& within) { return seal_batch(within, &sealed); });
        total += sealed;
        count.add(static_cast<std::uint64_t>(sealed));
    } while (sealed == batch_size);
    co_return total;
}

}  // namespace astrotalk::privacy
