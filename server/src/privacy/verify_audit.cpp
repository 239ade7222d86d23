#include <limits>

#include "privacy/audit.hpp"
#include "privacy/audit_rows.hpp"
#include "privacy/queries.hpp"

namespace astrotalk::privacy {
namespace {

constexpr int batch_size = 1000;

void note(audit_report& report, std::int64_t seq, std::string fault) {
    if (report.first_broken) return;
    report.first_broken = seq;
    report.fault = std::move(fault);
}

void check(audit_report& report, const sealed_row& row) {
    const auto expected = report.head.seq + 1;
    if (row.seq > expected) note(report, expected, fmt::format("row {} is missing", expected));
    if (row.seq < expected) note(report, row.seq, fmt::format("row {} has no place in the log", row.seq));
    if (chain_hash(report.head.hash, row) != row.hash)
        note(report, row.seq, fmt::format("row {} is not what was sealed", row.seq));
}

void check_known(audit_report& report, const audit_head& known) {
    if (report.head.seq < known.seq)
        note(report, report.head.seq + 1,
             fmt::format("the log ends at {}, before the known head {}", report.head.seq, known.seq));
}

}  // namespace

task<audit_report> verify_audit(pg::client& database, std::optional<audit_head> known) {
    audit_report report;
    report.head.hash = bytes(32);
    // From below the first number: a row slipped in before it must be read, too.
    auto after = std::numeric_limits<std::int64_t>::min();
    for (bool more = true; more;) {
        const auto rows = co_await database.read<sealed_row>(sql::read_sealed, after, batch_size);
        for (const auto& row : rows) {
            check(report, row);
            if (known && row.seq == known->seq && row.hash != known->hash)
                note(report, row.seq, fmt::format("row {} is not the one of the known head", row.seq));
            ++report.sealed;
            report.head = {row.seq, row.hash};
            after = row.seq;
        }
        more = rows.size() == batch_size;
    }
    if (known) check_known(report, *known);
    const auto tail = co_await database.read_one<tail_row>(sql::read_tail);
    report.unsealed = tail->rows;
    report.oldest_unsealed = tail->oldest;
    co_return report;
}

}  // namespace astrotalk::privacy
