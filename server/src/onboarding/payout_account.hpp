// Where an astrologer's earnings go: holder, account number and PAN sealed, shown masked.
//
// Thread safety: a service and its calls belong to one loop. Errors: refusals are values; an outage throws
// pg::unavailable. A change writes its audit row in its statement.
#pragma once

#include <boost/describe.hpp>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/secret.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "http/http.hpp"
#include "pg/pg.hpp"

namespace astrotalk::onboarding::payout {

inline constexpr std::string_view sealed_purpose = "payout_account.secrets";

struct account {
    personal holder, account_number, ifsc, pan;
};
BOOST_DESCRIBE_STRUCT(account, (), (holder, account_number, ifsc, pan))

// Without blanks around and within what has none, letters of IFSC and PAN in capitals.
account tidied(account sent);
// A JSON pointer into what was sent, and what was expected there. An IFSC is four letters, 0 and six letters
// or digits (RBI); an account number 9 to 18 digits; a PAN five letters of which the fourth is P, for a
// person, four digits and a letter (rule 114 of the Income-tax Rules).
std::vector<std::pair<std::string, std::string>> check(const account& sent);

struct masked_account {
    std::string holder, account_number, ifsc, pan;  // "Asha Rao", "••••••6789", "HDFC0001234", "ABXXXXXX4F"
    instant changed_at, payable_from;
};
BOOST_DESCRIBE_STRUCT(masked_account, (), (holder, account_number, ifsc, pan, changed_at, payable_from))

struct service {
    pg::client& pg;
    const crypto::keyring& keys;
};

// Nothing when none was saved yet, or it does not open.
task<std::optional<masked_account>> find(service& s, user_id who);
// `sent` is tidied and has passed `check`. Nothing when there is no profile yet. Where another account was
// before, its owner is told (outbox kind payout_account.changed), and the new one is not paid to until
// `kept_back` has passed: whoever took over an account is not paid before its owner can object.
inline constexpr std::chrono::hours kept_back{24};
task<std::optional<masked_account>> save(service& s, user_id who, account sent, std::string request_id);

std::string place_of(const std::string& row);
std::span<const http::route<service>> routes();

}  // namespace astrotalk::onboarding::payout
