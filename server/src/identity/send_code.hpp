// A code on its way: what the statements that send one need.
#pragma once

#include "identity/identity.hpp"

namespace astrotalk::identity {

struct code_letter {
    uuid challenge, outbox_id;
    bytes mac, payload;
    int lifetime_seconds;
};

code_letter write_code(const service& s, const phone_number& phone, const bytes& phone_hash,
                       code_purpose purpose);

}  // namespace astrotalk::identity
