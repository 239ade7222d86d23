// How signing keys and client secrets lie in the database.
#pragma once

#include <memory>
#include <string>

#include "crypto/keyring.hpp"
#include "identity/user_pool.hpp"

namespace astrotalk::identity {

struct key_row {
    std::string kid, token_use;
    bytes private_sealed;
    instant signs_from;
    std::optional<instant> retired_at;
    bool supplied = false;
};
BOOST_DESCRIBE_STRUCT(key_row, (), (kid, token_use, private_sealed, signs_from, retired_at, supplied))

// Ready for the column private_sealed.
struct sealed_key {
    std::string kid;
    bytes private_sealed;
};
sealed_key seal_key(const crypto::keyring& keys, const crypto::rsa_key& key);
// Throws std::runtime_error with a message for the operator.
std::shared_ptr<const signing_key> open_key(const crypto::keyring& keys, const key_row& row);

// The new secret and the old one are sealed alike, so that a rotation moves the one to the other.
inline constexpr std::string_view client_secret_purpose = "app_client.secret";
inline std::string place_of_secret(const std::string& client_id) { return "app_client.secret:" + client_id; }

}  // namespace astrotalk::identity
