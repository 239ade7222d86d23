// What people have to do with one another besides bookings: following an astrologer, blocking somebody,
// reporting somebody to staff.
//
// A pair of whom one has blocked the other can hold and book nothing with each other (booking/queries.sql),
// and does not see each other in listings. Thread safety: none; a service and its calls belong to one loop.
// Errors: refusals are values, an outage throws pg::unavailable.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "http/http.hpp"
#include "jobs/jobs.hpp"
#include "pg/pg.hpp"

namespace astrotalk::social {

// Why a request is refused, in order of precedence.
enum class error : std::uint8_t {
    not_found,         // nobody whom the caller may follow, block or report; no such report
    too_many,          // follows or blocks
    already_reported,  // and staff have not decided yet
    already_decided,
};

enum class reason : std::uint8_t {
    abuse,
    fraud,
    contact_outside,
    false_claims,
    inappropriate,
    impersonation,
    other
};
BOOST_DESCRIBE_ENUM(reason, abuse, fraud, contact_outside, false_claims, inappropriate, impersonation, other)

enum class verdict : std::uint8_t { upheld, dismissed };
BOOST_DESCRIBE_ENUM(verdict, upheld, dismissed)

struct service {
    pg::client& pg;
    const crypto::keyring& keys;
};

struct caller {
    user_id id;
    std::string role;  // user, astrologer, support or admin
    std::string request_id;
};

struct followed {
    user_id id;
    std::string display_name;
    bool notify = false;
    instant created_at;
    bool online = false;
    std::optional<instant> next_free_at;
};
BOOST_DESCRIBE_STRUCT(followed, (), (id, display_name, notify, created_at, online, next_free_at))

struct blocked {
    user_id id;
    std::optional<std::string> display_name;  // of an astrologer
    instant created_at;
};
BOOST_DESCRIBE_STRUCT(blocked, (), (id, display_name, created_at))

struct report {
    uuid id;
    user_id reporter_id, subject_id;
    std::string reason, text, state;
    std::optional<std::string> decision_reason;
    std::optional<instant> decided_at;
    instant created_at;
};
BOOST_DESCRIBE_STRUCT(report, (),
                      (id, reporter_id, subject_id, reason, text, state, decision_reason, decided_at,
                       created_at))

// What is not there is an error; what is there already is done.
task<std::optional<error>> follow(service& s, user_id who, user_id whom, bool notify);
task<void> unfollow(service& s, user_id who, user_id whom);
task<std::vector<followed>> list_follows(service& s, user_id who, user_id before, std::int32_t most);
task<std::optional<error>> block(service& s, caller who, user_id whom);
task<void> unblock(service& s, user_id who, user_id whom);
task<std::vector<blocked>> list_blocks(service& s, user_id who, user_id before, std::int32_t most);

// One open report of a subject by a reporter. The text is sealed.
task<result<uuid, error>> make_report(service& s, caller who, user_id whom, reason why, std::string text);
// Newest first, one more than `most` when there are more; the read is audited with its reason.
task<std::vector<report>> list_reports(service& s, caller staff, std::string why, std::string state,
                                       uuid before, std::int32_t most);
task<std::optional<error>> resolve_report(service& s, caller staff, uuid id, verdict what, std::string why);

// Gives the worker the handler of astrologer.available, {"astrologerId", "what": online or free}: followers
// who want to know are told by follow.tell, each at most once in six hours. `s` outlives the worker.
void handle_jobs(jobs::outbox_worker& worker, service& s);

std::span<const http::route<service>> routes();

}  // namespace astrotalk::social
