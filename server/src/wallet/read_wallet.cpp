#include "wallet/queries.hpp"
#include "wallet/wallet.hpp"

namespace astrotalk::wallet {
namespace {

struct journal_row {
    journal_id id;
    std::string kind;
    instant at;
    std::vector<std::string> accounts;
    std::vector<std::int64_t> amounts;
    BOOST_DESCRIBE_CLASS(journal_row, (), (id, kind, at, accounts, amounts), (), ())
};

}  // namespace

task<balance> read_balance(pg::client& pg, user_id owner) {
    co_return (co_await pg.read_one<balance>(sql::read_balance, owner)).value_or(balance{});
}

task<std::vector<journal>> list_journals(pg::client& pg, user_id owner, journal_id before,
                                         std::int32_t most) {
    std::vector<journal> listed;
    for (auto& row : co_await pg.read<journal_row>(sql::list_journals, owner, before, most)) {
        journal& each = listed.emplace_back(journal{row.id, std::move(row.kind), row.at, {}});
        for (std::size_t i = 0; i < row.accounts.size(); ++i)
            each.postings.push_back({std::move(row.accounts[i]), {row.amounts[i]}});
    }
    co_return listed;
}

}  // namespace astrotalk::wallet
