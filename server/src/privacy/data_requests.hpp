// What people may ask of their data, and what staff see and decide of it. The end of an account is
// identity's (POST /v1/me/erasure), because it owns the account.
//
// Thread safety: none; a service and its calls belong to one loop. Errors: refusals are values, an outage
// throws pg::unavailable. Whatever shows who asked for what is audited in the statement that reads it.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/secret.hpp"
#include "http/http.hpp"
#include "jobs/jobs.hpp"
#include "privacy/personal_data.hpp"

namespace astrotalk::privacy {

struct request_service {
    pg::client& pg;
    const crypto::keyring& keys;
};

// --- A copy of everything about oneself

inline constexpr std::chrono::days export_lifetime{7};

// In order of precedence.
enum class export_error : std::uint8_t {
    signed_out,
    sign_in_again,  // the sign-in began more than ten minutes ago
    too_many,       // three in the last 24 hours
    in_progress,    // one waits already
};
struct export_refusal {
    export_error why;
    std::int64_t wait_seconds = 0;  // of too_many
};
struct export_entry {
    uuid id;
    std::string state;  // waiting, ready
    instant asked_at;
    std::optional<instant> ready_at, expires_at;
    std::optional<personal> document;        // JSON, once it is ready
    std::optional<std::string> certificate;  // likewise
};

// Queues it. The outbox job privacy.export {"exportId"} builds it.
task<result<export_entry, export_refusal>> ask_export(request_service& s, http::principal caller,
                                                      std::string request_id);
// Reads everything in one transaction and stores it in one statement, so that a crash leaves it waiting and
// the job is done again. Does nothing for one that does not wait (any more).
task<void> build_export(pg::client& database, const crypto::keyring& keys, const data_register& known,
                        uuid id);
// Nothing when it is somebody else's, over, or not there.
task<std::optional<export_entry>> take_export(request_service& s, http::principal caller, uuid id,
                                              std::string request_id);

// Lets a worker build exports, with the register of the process.
void handle_jobs(jobs::outbox_worker& worker, pg::client& database, const crypto::keyring& keys);

// --- Staff

struct data_officer {
    user_id id;
    std::string role;  // admin or support
    std::string reason;
    std::string request_id;
};
struct data_request {
    uuid id;
    std::string kind;  // export, erasure, hold
    astrotalk::user_id user_id;
    std::string state;
    instant at;
    std::optional<instant> until;
    BOOST_DESCRIBE_CLASS(data_request, (), (id, kind, user_id, state, at, until), (), ())
};
// Newest first, from before the id `before`; one row more than `most` when there are more.
task<std::vector<data_request>> read_requests(request_service& s, data_officer who, uuid before,
                                              std::int32_t most);

struct held_person {
    uuid id;  // of the hold
    astrotalk::user_id user_id;
    instant at;
    BOOST_DESCRIBE_CLASS(held_person, (), (id, user_id, at), (), ())
};
// From its return on, nothing of theirs is erased; what a purge or an erasure under way takes, is gone
// before. Nothing when there is no such user.
task<std::optional<held_person>> set_hold(request_service& s, data_officer by, user_id whose);
// Nothing when there is no such hold, or it was lifted.
task<std::optional<held_person>> lift_hold(request_service& s, data_officer by, uuid hold);

std::span<const http::route<request_service>> request_routes();

}  // namespace astrotalk::privacy
