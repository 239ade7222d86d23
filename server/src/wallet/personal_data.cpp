#include "wallet/personal_data.hpp"

#include "wallet/queries.hpp"

namespace astrotalk::wallet {
namespace {

using columns = const std::string_view[];

constexpr columns ledger_columns = {"wallet.owner_id", "wallet_hold.owner_id", "posting.debit_owner",
                                    "posting.credit_owner"};

constexpr pg::data_class classes[] = {
    {.name = "wallet.ledger",
     .english =
         "Your wallet: its balances and every movement of money, as the accounts that tax law asks for.",
     .hindi = "आपका वॉलेट: उसकी शेष राशि और पैसों का हर लेन-देन, कर क़ानून के अनुसार लेखा।",
     .kept = pg::retention::money,
     .columns = ledger_columns,
     .read = &sql::read_wallet_data},
};

// Names of accounts in the double-entry sense.
constexpr columns impersonal = {"posting.debit_account", "posting.credit_account"};

}  // namespace

pg::personal_data personal_data() { return {classes, impersonal}; }

}  // namespace astrotalk::wallet
