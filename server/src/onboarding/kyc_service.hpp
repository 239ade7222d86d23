// Taking an astrologer through KYC: start, come back, cancel, and learn from Digio what came of it.
//
// Thread safety: a service and its calls belong to one loop. Errors: refusals are values, an outage of the
// database throws pg::unavailable; Digio's silence is no error: the session waits and is asked about again.
// Every transition writes its audit row, and the news of an outcome (outbox kind kyc.decided), in the
// statement that makes it.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "crypto/keyring.hpp"
#include "geo/atlas.hpp"
#include "http/http.hpp"
#include "jobs/jobs.hpp"
#include "onboarding/checks.hpp"
#include "onboarding/provider.hpp"
#include "pg/pg.hpp"

namespace astrotalk::onboarding::kyc {

struct service {
    pg::client& pg;
    const crypto::keyring& keys;
    provider& digio;
    const policy& by;
    const geo::atlas* atlas = nullptr;  // null: nobody knows where addresses are
    bool quality_review = false;        // staff also judge the profile of who has passed
};

// Why a request is refused, in order of precedence.
enum class error : std::uint8_t {
    idempotency_key_reused,
    session_not_found,
    profile_required,  // a name belongs to a profile
    already_verified,
    rejected,  // for good
    in_progress,
    attempts_exhausted,
    legal_name_required,
    consent_required,
    too_many_sessions,  // today
    not_open,           // the person's part of it is over
    not_reviewable,     // it does not wait for staff
    second_admin_needed,
    unavailable,  // Digio cannot be reached; nothing was used up
};

// As its person sees it.
struct session_view {
    uuid id;
    kyc::state state = kyc::state::creating;
    std::int32_t attempt = 0;
    instant started_at, expires_at;
    std::optional<instant> ended_at;
    std::optional<std::string> cause;
    std::optional<secret> gateway_url;  // while it is open
    BOOST_DESCRIBE_CLASS(session_view, (),
                         (id, state, attempt, started_at, expires_at, ended_at, cause, gateway_url), (), ())
};

struct refusal {
    error why;
    std::optional<session_view> open{};  // of in_progress
};
template <class T>
using outcome = result<T, refusal>;

// What to do next. Which one it is is decided by `next_step_of`.
enum class todo : std::uint8_t {
    add_legal_name,
    give_consent,
    start,
    continue_session,
    wait,
    complete_profile,
    contact_support,
    nothing
};
BOOST_DESCRIBE_ENUM(todo, add_legal_name, give_consent, start, continue_session, wait, complete_profile,
                    contact_support, nothing)

struct overview {
    standing status = standing::not_started;
    std::int32_t attempts_left = most_attempts;
    todo next_step = todo::start;
    std::optional<personal> legal_name;
    std::optional<session_view> session;  // the latest
    std::vector<std::string> reasons;
    BOOST_DESCRIBE_CLASS(overview, (), (status, attempts_left, next_step, legal_name, session, reasons), (),
                         ())
};

// Where a request comes from, as the app says and the gateway sees it.
struct origin {
    std::string address, agent, device;
};
struct caller {
    user_id id;
    origin from{};
    std::string request_id;
};

task<overview> read_overview(service& s, user_id who);
// The name on the person's papers. Refused while a session is open and once it has passed.
task<outcome<void>> set_legal_name(service& s, caller who, personal name);

// Starts a session, or answers again what the same key started.
task<outcome<session_view>> start(service& s, caller who, http::idempotency_key key);
// A new address of Digio's pages.
task<outcome<session_view>> renew_token(service& s, caller who, uuid session);
// Notes where the person came back from, and has Digio asked. `said` is what the app was told: a word.
task<outcome<session_view>> come_back(service& s, caller who, uuid session, std::string said);
task<outcome<session_view>> cancel(service& s, caller who, uuid session);

// --- For the background.

// Asks Digio about it and takes the step that follows. The one way in which a session learns anything.
task<void> settle(service& s, uuid session);
// Asks about sessions that are due, at most `batch` of them; says how many. On every node.
task<int> poll(service& s, int batch = 20);
task<void> measure(pg::client& pg);
// Handles webhook.digio, consent.withdrawn and kyc.delete_at_processor. `body_of` opens a stored webhook.
using body_reader = std::function<task<std::optional<std::string>>(uuid event)>;
void handle_jobs(jobs::outbox_worker& worker, service& s, body_reader body_of);

}  // namespace astrotalk::onboarding::kyc
