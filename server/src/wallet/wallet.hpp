// A user's money: the wallet, its journals, and the proof that both agree.
//
// The ledger is double entry: a posting moves an amount from its debit to its credit account, so a journal
// cannot fail to sum to zero. A wallet row is the balances of its owner's accounts cash, bonus, held and
// earnings; the platform's accounts have no row and follow from the postings. The features that move money (a
// booking's hold and its end, the welcome bonus) write both in their own statement; this feature reads.
//
// Thread safety: none; a service and its calls belong to one loop. Errors: an outage throws pg::unavailable.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/money.hpp"
#include "core/task.hpp"
#include "http/http.hpp"
#include "pg/pg.hpp"

namespace astrotalk::wallet {

struct balance {
    money cash, bonus, held;
    money available;                // cash and bonus
    std::optional<money> earnings;  // of an astrologer: to be paid out, or owed when it is below zero
    BOOST_DESCRIBE_CLASS(balance, (), (cash, bonus, held, available, earnings), (), ())
};

// One line of a journal as its owner sees it: positive when the account grew.
struct entry {
    std::string account;
    money amount;
    BOOST_DESCRIBE_CLASS(entry, (), (account, amount), (), ())
};

struct journal {
    journal_id id;
    std::string kind;  // promotion.welcome, booking.hold, booking.void, …
    instant at;
    std::vector<entry> postings;
    BOOST_DESCRIBE_CLASS(journal, (), (id, kind, at, postings), (), ())
};

// Zeros for someone without a wallet.
task<balance> read_balance(pg::client& pg, user_id owner);
// Newest first, before that id; at most `most`.
task<std::vector<journal>> list_journals(pg::client& pg, user_id owner, journal_id before, std::int32_t most);

// One thing that does not agree. `subject` is the owner of a wallet, or the id of a journal, a booking, a
// recharge or a refund.
struct ledger_difference {
    uuid subject;
    std::string what;  // "wallet cash", "booking refund", "journal without postings", …
    std::int64_t recorded = 0;
    std::int64_t recomputed = 0;
};

struct ledger_report {
    std::int64_t wallets = 0;  // owners of a wallet or of a posting to a user's account
    std::int64_t journals = 0;
    std::int64_t bookings = 0, recharges = 0, refunds = 0;
    std::vector<ledger_difference> differences;
    bool sound() const { return differences.empty(); }
};

// Recomputes every wallet's balances from the postings, its held money from the active holds, what became of
// every booking's price, every recharge and every refund from their journals, and looks for journals without
// postings. Reads in bounded batches,
// each one snapshot, so that it may run beside traffic; keeps at most 1000 differences.
task<ledger_report> verify_ledger(pg::client& pg);

// One of the platform's accounts: what the postings say it holds.
struct platform_account {
    std::string account;
    money balance;
    BOOST_DESCRIBE_CLASS(platform_account, (), (account, balance), (), ())
};
// Reads every posting of the platform.
task<std::vector<platform_account>> platform_accounts(pg::client& pg);

struct service {
    pg::client& pg;
};

std::span<const http::route<service>> routes();

}  // namespace astrotalk::wallet
