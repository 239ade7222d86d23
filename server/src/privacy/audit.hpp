// The audit log: append-only, numbered and chained by SHA-256.
//
// Any statement inserts into audit_pending what it did. One sealer at a time moves those rows into audit_log
// in batches and chains them; a trigger refuses every change of what is sealed, and `verify_audit` finds
// changes made past the trigger. Rows are sealed in the order of their ids, which are version 7: the order in
// which things happened, to the millisecond.
//
// hash = SHA-256(previous row's hash ‖ canonical bytes); before the first row stand 32 zero bytes. Canonical
// bytes are, each as its length (4 bytes, big-endian) and its content: "astrotalk-audit-1", seq (8 bytes,
// big-endian), id (16 bytes), at (8 bytes, big-endian, microseconds since 1970 UTC), actor_id, actor_role,
// action, subject_kind, subject_id, reason, detail, request_id. A null is the length ffffffff and no content.
// The length says where a field ends, so no two rows have the same bytes.
//
// Thread safety: as the client given. Errors: an outage throws.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/secret.hpp"
#include "core/task.hpp"
#include "pg/pg.hpp"

namespace astrotalk::privacy {

// Actions are named `thing.verb`.
namespace action {
inline constexpr std::string_view user_sign_up = "user.sign_up";
inline constexpr std::string_view session_start = "session.start";
inline constexpr std::string_view session_end = "session.end";
inline constexpr std::string_view profile_change = "profile.change";
inline constexpr std::string_view profile_submit = "profile.submit";
inline constexpr std::string_view astrologer_approve = "astrologer.approve";
inline constexpr std::string_view astrologer_reject = "astrologer.reject";
inline constexpr std::string_view wallet_welcome_bonus = "wallet.welcome_bonus";
inline constexpr std::string_view hold_create = "hold.create";
inline constexpr std::string_view booking_create = "booking.create";
inline constexpr std::string_view booking_cancel = "booking.cancel";
inline constexpr std::string_view admin_create = "admin.create";
inline constexpr std::string_view admin_read_users = "admin.read_users";
inline constexpr std::string_view outbox_replay = "outbox.replay";
}  // namespace action

// A row as it is sealed.
struct audit_row {
    std::int64_t seq = 0;
    uuid id;
    instant at;
    std::optional<uuid> actor_id;
    std::string actor_role, action, subject_kind;
    std::optional<uuid> subject_id;
    std::optional<std::string> reason, detail, request_id;
};

bytes canonical_bytes(const audit_row& row);
bytes chain_hash(const bytes& previous, const audit_row& row);

// Seals what waits, batch by batch, until nothing does. Rows sealed; zero also when another sealer is at
// work.
task<std::int64_t> seal_audit(pg::client& database);

// The newest sealed row, "<seq>:<hash in hex>". Kept elsewhere, it later proves that nothing up to it was cut
// off.
struct audit_head {
    std::int64_t seq = 0;
    bytes hash;

    std::string to_string() const;
    static std::optional<audit_head> parse(std::string_view text);
};

struct audit_report {
    std::int64_t sealed = 0;    // rows in the log
    std::int64_t unsealed = 0;  // rows that wait
    std::optional<instant> oldest_unsealed;
    std::optional<std::int64_t>
        first_broken;   // the first number that is missing or whose row is not what was sealed
    std::string fault;  // in words; empty when sound
    audit_head head;

    bool sound() const { return fault.empty(); }
};

// Walks the whole log, oldest first, a thousand rows at a time. `known` is a head noted earlier: a log that
// ends before it, or that was sealed anew, is broken.
task<audit_report> verify_audit(pg::client& database, std::optional<audit_head> known = std::nullopt);

}  // namespace astrotalk::privacy
