// A phone that waits to be verified, and the account that it is for.
#pragma once

#include "identity/account.hpp"

namespace astrotalk::identity {

struct account_row {
    bytes phone_hash, phone_sealed;
    std::string user_type;
    bool fresh = false;  // signed in a moment ago
};
BOOST_DESCRIBE_STRUCT(account_row, (), (phone_hash, phone_sealed, user_type, fresh))

inline constexpr std::string_view change_purpose = "phone_change.phone";
std::string place_of_change(const std::string& user);

// Nothing when none waits.
task<std::optional<phone_number>> find_waiting_phone(service& s, user_id of);

}  // namespace astrotalk::identity
