// What staff needs that no feature owns: users, bookings, profiles that wait, the audit trail, dead letters.
//
// Thread safety: none; a service and its calls belong to one loop. Errors: an outage throws pg::unavailable.
// Whatever shows personal data or who consults whom is audited in the statement that reads it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "administration/domain.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "http/http.hpp"
#include "http/page.hpp"
#include "pg/pg.hpp"

namespace astrotalk::administration {

// Who of the staff reads or acts, as what (admin or support), why, and in which request.
struct staff {
    user_id id;
    std::string_view role;
    std::optional<std::string> reason;
    std::string request_id;
};

struct service {
    pg::client& pg;
    const crypto::keyring& keys;
};

// Newest first, from before the id `before`; one row more than `most` when there are more.
task<std::vector<user>> read_users(service& s, staff who, uuid before, std::int32_t most);
task<std::vector<booking>> read_bookings(service& s, staff who, uuid before, std::int32_t most);
task<std::vector<audit_entry>> list_audit(service& s, uuid before, std::int32_t most);
task<std::vector<dead_letter>> list_dead_letters(service& s, uuid before, std::int32_t most);

// Gives a dead letter all its attempts again; false when there is none of that id.
task<bool> replay_dead_letter(service& s, staff who, uuid letter);

// Gives a dead letter up for good, for a reason; false when there is none of that id.
task<bool> discard_dead_letter(service& s, staff who, uuid letter);

std::span<const http::route<service>> routes();

}  // namespace astrotalk::administration
