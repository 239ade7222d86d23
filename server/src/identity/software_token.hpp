// An authenticator as it lies sealed in its user's row of software_token.
#pragma once

#include "core/ids.hpp"
#include "crypto/keyring.hpp"

namespace astrotalk::identity {

struct software_token {
    secret key;
    personal device;  // what its owner calls it; empty: nothing
};
// The one in use. Opening throws std::runtime_error when the master key is another.
bytes seal_token(const crypto::keyring& keys, user_id of, const software_token& token);
software_token open_token(const crypto::keyring& keys, user_id of, const bytes& sealed);
// One that has not shown a code yet.
bytes seal_pending(const crypto::keyring& keys, user_id of, const secret& key);
secret open_pending(const crypto::keyring& keys, user_id of, const bytes& sealed);

}  // namespace astrotalk::identity
