// Whom ListUsers means, and how its pages hang together. Pure. Thread-safe.
// Source: docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "crypto/keyring.hpp"
#include "identity/domain.hpp"

namespace astrotalk::identity {

// Everything must hold. Without anything set, it means everyone.
struct user_filter {
    user_id first, last;  // both included
    std::optional<bool> enabled, confirmed;
    std::optional<phone_number> phone;
    std::optional<personal> phone_prefix;  // "+" and at least one digit
    bool nobody = false;                   // no user can be meant

    user_filter();
};

enum class filter_fault : std::uint8_t {
    malformed,       // not `attribute = "value"` nor `attribute ^= "value"`
    not_searchable,  // names are sealed, custom attributes are not searchable in Cognito either
};
// Attributes: phone_number, sub, username, status ("Enabled", "Disabled"), cognito:user_status ("CONFIRMED",
// "UNCONFIRMED", in either case).
result<user_filter, filter_fault> parse_filter(std::string_view text, const phone_plan& served);

// Phones are found by how they begin without the database knowing how: keyed hashes of every proper prefix
// that has a digit, 16 bytes each.
bytes prefix_hash(const crypto::keyring& keys, std::string_view prefix);
std::vector<bytes> prefix_hashes(const crypto::keyring& keys, const personal& phone);

// Where a list goes on, opaque and bound to `scope`: the operation and what it lists.
std::string page_token(const crypto::keyring& keys, std::string_view scope, std::string_view last);
// `last`, unless the token is not ours or of another scope.
std::optional<std::string> open_page_token(const crypto::keyring& keys, std::string_view scope,
                                           std::string_view token);

}  // namespace astrotalk::identity
