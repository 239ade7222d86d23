#include "wallet/queries.hpp"
#include "wallet/wallet.hpp"

namespace astrotalk::wallet {
namespace {

constexpr std::int32_t wallets_at_once = 500;
constexpr std::int32_t journals_at_once = 5000;
constexpr std::int32_t bookings_at_once = 1000;
constexpr std::size_t most_differences = 1000;

struct wallets_row {
    std::int64_t owners = 0;
    std::optional<uuid> last;
    std::optional<uuid> subject;  // nothing: all of the batch agree
    std::optional<std::string> what;
    std::optional<std::int64_t> recorded, recomputed;
    BOOST_DESCRIBE_CLASS(wallets_row, (), (owners, last, subject, what, recorded, recomputed), (), ())
};

struct bookings_row {
    std::int64_t bookings = 0;
    std::optional<uuid> last;
    std::optional<uuid> subject;
    std::optional<std::string> what;
    std::optional<std::int64_t> recorded, recomputed;
    BOOST_DESCRIBE_CLASS(bookings_row, (), (bookings, last, subject, what, recorded, recomputed), (), ())
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

}  // namespace

task<ledger_report> verify_ledger(pg::client& pg) {
    ledger_report report;
    // The search starts above the nil id, the platform: it has no wallet, and posting_*_known keep it off
    // users' accounts.
    for (std::optional<uuid> after = uuid{}; after;) {
        const auto rows = co_await pg.read<wallets_row>(sql::verify_wallets, *after, wallets_at_once);
        report.wallets += rows.front().owners;
        after = rows.front().last;
        for (const auto& row : rows)
            if (row.subject) note(report, {*row.subject, *row.what, *row.recorded, *row.recomputed});
    }
    for (std::optional<uuid> after = uuid{}; after;) {
        const auto batch =
            *co_await pg.read_one<journals_row>(sql::verify_journals, *after, journals_at_once);
        report.journals += batch.journals;
        after = batch.last;
        for (const uuid& bare : batch.bare) note(report, {bare, "journal without postings", 0, 0});
    }
    for (std::optional<uuid> after = uuid{}; after;) {
        const auto rows = co_await pg.read<bookings_row>(sql::verify_bookings, *after, bookings_at_once);
        report.bookings += rows.front().bookings;
        after = rows.front().last;
        for (const auto& row : rows)
            if (row.subject) note(report, {*row.subject, *row.what, *row.recorded, *row.recomputed});
    }
    co_return report;
}

task<std::vector<platform_account>> platform_accounts(pg::client& pg) {
    return pg.read<platform_account>(sql::platform_accounts);
}

}  // namespace astrotalk::wallet
