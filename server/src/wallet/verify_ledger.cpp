#include "wallet/queries.hpp"
#include "wallet/wallet.hpp"

namespace astrotalk::wallet {
namespace {

constexpr std::int32_t wallets_at_once = 500;
constexpr std::int32_t journals_at_once = 5000;
constexpr std::int32_t rows_at_once = 1000;
constexpr std::size_t most_differences = 1000;

struct compared_row {
    std::int64_t rows = 0;  // of the batch
    std::optional<uuid> last;
    std::optional<uuid> subject;  // nothing: all of the batch agree
    std::optional<std::string> what;
    std::optional<std::int64_t> recorded, recomputed;
    BOOST_DESCRIBE_CLASS(compared_row, (), (rows, last, subject, what, recorded, recomputed), (), ())
};

struct journals_row {
    std::int64_t journals = 0;
    std::optional<uuid> last;
    std::vector<uuid> bare;
    BOOST_DESCRIBE_CLASS(journals_row, (), (journals, last, bare), (), ())
};

void note(ledger_report& report, ledger_difference found) {
    if (report.differences.size() < most_differences) report.differences.push_back(std::move(found));
}

// Batch by batch, from the first; says how many rows there were.
task<std::int64_t> compare(pg::client& pg, ledger_report& report, const pg::statement& by,
                           std::int32_t most) {
    std::int64_t seen = 0;
    // The search starts above the nil id, the platform: it has no wallet, and posting_*_known keep it off
    // users' accounts.
    for (std::optional<uuid> after = uuid{}; after;) {
        const auto rows = co_await pg.read<compared_row>(by, *after, most);
        seen += rows.front().rows;
        after = rows.front().last;
        for (const auto& row : rows)
            if (row.subject) note(report, {*row.subject, *row.what, *row.recorded, *row.recomputed});
    }
    co_return seen;
}

}  // namespace

task<ledger_report> verify_ledger(pg::client& pg) {
    ledger_report report;
    report.wallets = co_await compare(pg, report, sql::verify_wallets, wallets_at_once);
    for (std::optional<uuid> after = uuid{}; after;) {
        const auto batch =
            *co_await pg.read_one<journals_row>(sql::verify_journals, *after, journals_at_once);
        report.journals += batch.journals;
        after = batch.last;
        for (const uuid& bare : batch.bare) note(report, {bare, "journal without postings", 0, 0});
    }
    report.bookings = co_await compare(pg, report, sql::verify_bookings, rows_at_once);
    report.recharges = co_await compare(pg, report, sql::verify_recharges, rows_at_once);
    report.refunds = co_await compare(pg, report, sql::verify_refunds, rows_at_once);
    co_return report;
}

task<std::vector<platform_account>> platform_accounts(pg::client& pg) {
    return pg.read<platform_account>(sql::platform_accounts);
}

}  // namespace astrotalk::wallet
