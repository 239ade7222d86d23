// The proof of a correction: which of somebody's data was changed, when and by whom, without a value.
//
// Thread safety: a call belongs to its transaction's loop. Errors: an outage throws pg::unavailable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "pg/pg.hpp"

namespace astrotalk::privacy {

struct correction {
    user_id subject;
    std::string_view data_class;      // as it is registered: "identity.account"
    std::vector<std::string> fields;  // as the API names them, and only those that changed
    user_id by;
    std::string role;
    std::string request_id;
};

// Writes its certificate, within the transaction that makes it. Without a field there was no correction.
task<void> certify_correction(pg::transaction& t, const crypto::keyring& keys, correction made);

}  // namespace astrotalk::privacy
