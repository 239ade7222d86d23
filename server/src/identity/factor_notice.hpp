// The SMS that tells people that their authenticator is another one, off, or reset.
#pragma once

#include "identity/identity.hpp"

namespace astrotalk::identity {

struct factor_notice {
    uuid outbox_id;
    bytes
        payload;  // sealed for that id; empty for an account that is gone: it has no authenticator to change
};

// In the owner's language, where `texts` has it.
task<factor_notice> write_factor_notice(pg::client& pg, const crypto::keyring& keys,
                                        const sms::registration& texts, user_id to);
task<factor_notice> write_factor_notice(pg::transaction& t, const crypto::keyring& keys,
                                        const sms::registration& texts, user_id to);

}  // namespace astrotalk::identity
