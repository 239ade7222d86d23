// Replacing the key that personal data and secrets are sealed under, while everything runs: online, in small
// batches, and resumable, because a value says which key sealed it.
//
// Thread safety: each call belongs to its client's loop. Errors: an outage throws pg::unavailable; what was
// done until then stays done.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "pg/pg.hpp"

namespace astrotalk::jobs {

// A column of sealed values, described by the folder that owns it. Rows are named by their primary key as
// text.
struct sealed_column {
    std::string_view name;     // "pool_user.phone", for messages
    std::string_view purpose;  // as given to keyring::seal
    std::string (*place)(const std::string& row);
    // ($1 current key's id, $2 the row after which to go on or "", $3 how many): row, sealed; by row, only
    // what another key sealed.
    const pg::statement& read;
    // ($1 rows, $2 old values, $3 new values): replaces those that still have the old value.
    const pg::statement& write;
};

// Learns the stored data keys and seals with the newest that is active. Every half second on every node, and
// before anything sealed is read. Throws std::runtime_error when one was wrapped by another master key.
task<void> tail_data_keys(pg::client& database, crypto::keyring& keys);

// Stores a new data key that becomes active after `delay`, by which every node must have read it.
task<void> add_data_key(pg::client& database, const crypto::keyring& keys, std::chrono::milliseconds delay);

struct resealed {
    std::int64_t changed = 0;
    std::int64_t unreadable = 0;  // did not open: a key is missing, or the value was tampered with
};
// Seals anew, under the current key, what others sealed in that column.
task<resealed> reseal(pg::client& database, const crypto::keyring& keys, const sealed_column& column);

// This folder's own: the outbox.
std::span<const sealed_column> sealed_columns();

}  // namespace astrotalk::jobs
