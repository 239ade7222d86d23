// The end of an account: one way, whoever ends it. What every feature keeps about its owner is restricted at
// once (privacy::erase_person, with the register of the process) and gone when the law's year is over.
#pragma once

#include "identity/account.hpp"

namespace astrotalk::identity {

// close_account by the one who asks for the erasure of their data: the certificate, a JSON object, says what
// became of it. sign_in_again, has_bookings, has_money.
task<account_outcome<std::string>> erase_account(service& s, http::principal caller, std::string request_id);

// Forgets who a user was, within a transaction that holds their row and that of their profile. The
// certificate. `cause` is one of privacy::erase_person.
task<std::string> forget(pg::transaction& t, service& s, user_id who, std::string cause,
                         std::string request_id);

}  // namespace astrotalk::identity
