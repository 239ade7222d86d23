// Demonstration data, made by the product's own use cases, so that it cannot be what a real installation
// could not have.
//
// Contract: the same people for the same seed; loading again finishes what an interrupted load began. Not for
// production. Thread safety: runs on the loop of `pg`. Errors: throws pg::unavailable, or std::runtime_error
// where a use case refuses what it may not refuse here.
#pragma once

#include <cstdint>
#include <string>

#include "core/ids.hpp"
#include "core/money.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "pg/pg.hpp"

namespace astrotalk::demo {

struct options {
    std::uint64_t seed = 1;
    std::size_t astrologers = 200, users = 20;
    user_id admin;  // approves the astrologers
    money welcome_bonus{10'000};
};

struct summary {
    std::size_t astrologers = 0, waiting = 0, users = 0, bookings = 0, holds = 0,
                cancelled = 0;  // as loaded now
    // Accounts to try: a code for each arrives in the sandbox's inbox.
    std::string user_phone, astrologer_phone, waiting_astrologer_phone;
};

task<summary> load_demo(pg::client& pg, const crypto::keyring& keys, options how);

}  // namespace astrotalk::demo
