#include "jobs/jobs.hpp"

namespace astrotalk::jobs {
namespace {

constexpr std::string_view purpose = "outbox";

// Binds the sealed payload to its row, so that one row's effect cannot be pasted into another.
std::string place_of(uuid id) { return "outbox.payload." + id.to_string(); }

}  // namespace

bytes seal_payload(const crypto::keyring& keys, uuid outbox_id, std::string_view json) {
    return keys.seal(purpose, json, place_of(outbox_id));
}

std::optional<std::string> open_payload(const crypto::keyring& keys, uuid outbox_id, const bytes& sealed) {
    return keys.open(purpose, sealed, place_of(outbox_id));
}

}  // namespace astrotalk::jobs
