// How an admin operation changes one user: in a transaction that holds the user's row.
#pragma once

#include "identity/administer.hpp"

namespace astrotalk::identity {

struct act {
    std::string action;  // of the audit row
    administrator by;
    std::optional<std::string> group{};  // into its detail
    bool locks_profile = false;          // for changes that touch the astrologer's row too
};
using user_change = std::function<task<admin_outcome<void>>(pg::transaction&, user_id)>;

// Finds and locks the user, runs `change`, and writes the audit row; nothing of it stays when `change`
// throws, and no audit row when it refuses. Whatever `change` captures lives until the task is done.
task<admin_outcome<void>> act_on_user(service& s, user_name who, act what, user_change change);

// Within `change`: every open sign-in, and access by its tokens on every node within a second.
task<void> end_all_families(pg::transaction& t, user_id of, std::string_view cause);

// The detail of an audit row.
std::string detail_of(const administrator& by, const std::optional<std::string>& group = {});

// The hash of the phone, when `who` is one.
std::optional<bytes> phone_hash_of(const crypto::keyring& keys, const user_name& who);

}  // namespace astrotalk::identity
