// What a KYC session is, and what follows from what Digio says of it. Pure: no I/O and no clock.
//
// A session is one visit to Digio; a person has at most three that count. docs/kyc.md draws the states and
// says every rule in words; this is where they are decided. Whoever learns something (a webhook, the poller,
// the person coming back, staff) asks Digio what is true and takes the step that `next_step` gives, so the
// order and number of such moments changes nothing.
#pragma once

#include <boost/describe.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/clock.hpp"

namespace astrotalk::onboarding::kyc {

inline constexpr std::int32_t most_attempts = 3;
inline constexpr std::int32_t most_sessions_a_day = 10;  // spared ones too: each costs money at Digio
inline constexpr std::chrono::minutes session_lasts{30};

// In the order in which a session goes through them; from `approved` on they are ends.
enum class state : std::uint8_t {
    creating,   // our intent, stored before Digio is asked
    unknown,    // Digio was asked to create it and did not answer: it may exist there
    open,       // the person is at it
    in_review,  // the person has done their part
    approved,
    rejected,
    failed,
    expired,
    cancelled,
    abandoned
};
BOOST_DESCRIBE_ENUM(state, creating, unknown, open, in_review, approved, rejected, failed, expired, cancelled,
                    abandoned)
constexpr bool is_end(state s) { return s >= state::approved; }

// Of the person: what their tokens carry.
enum class standing : std::uint8_t { not_started, in_progress, completed, failed, rejected };
BOOST_DESCRIBE_ENUM(standing, not_started, in_progress, completed, failed, rejected)

// Digio's words for a request. `completed` is not approved: it waits for somebody's approval.
enum class provider_status : std::uint8_t {
    requested,
    approval_pending,
    approved,
    rejected,
    failed,
    expired,
    skipped,
    unheard_of
};
BOOST_DESCRIBE_ENUM(provider_status, requested, approval_pending, approved, rejected, failed, expired,
                    skipped, unheard_of)
// Whatever the case it is written in.
provider_status parse_provider_status(std::string_view text);

// What is kept of a person's papers: these fields of Digio's answer and no others.
struct evidence {
    std::string pan;                       // unmasked; empty: none seen
    std::string pan_name, pan_birth_date;  // dates as 1990-12-31
    std::string aadhaar_last4, aadhaar_name, aadhaar_birth_date;
    std::optional<double> face_match;  // 0 to 100
    bool face_failed = false;
    bool video_done = false;
    bool aadhaar_unmasked = false;  // Digio sent more than four digits; they were dropped
};
BOOST_DESCRIBE_STRUCT(evidence, (),
                      (pan, pan_name, pan_birth_date, aadhaar_last4, aadhaar_name, aadhaar_birth_date,
                       face_match, face_failed, video_done, aadhaar_unmasked))

// A request as Digio tells it.
struct provider_view {
    std::string kid{}, transaction_id{};
    provider_status status = provider_status::requested;
    bool submitted = false;            // something was handed in, right or wrong
    bool call_dropped = false;         // the agent's video call broke off
    std::optional<instant> done_at{};  // when the last of it was handed in
    evidence seen{};
};

// Digio did not say.
enum class silence : std::uint8_t {
    unavailable,  // no answer, or 429 or 5xx
    not_found,    // no such request there
    refused       // our credentials, or what we asked
};
using provider_answer = std::variant<provider_view, silence>;

// A session as stored, with what else is decided by.
struct session {
    state now = state::creating;
    std::string id{};
    std::string kid{};  // empty: not known
    bool submitted = false, consented = true, needs_staff = false, staff_approved = false;
    std::int32_t silent = 0;
    instant started_at{}, expires_at{};
};

// What the findings come to (onboarding/checks.hpp).
enum class verdict : std::uint8_t { approve, review, reject };
BOOST_DESCRIBE_ENUM(verdict, approve, review, reject)
struct judgement {
    verdict what = verdict::review;
    std::vector<std::string> reasons{};  // codes of the findings that decided
};

struct step {
    state to;
    std::string cause{};  // of an end: a code
    bool spared = false;  // the attempt is given back
    bool submitted = false;
    bool needs_staff = false;
    bool approve_at_provider = false;  // ask Digio to approve what it holds for approval, then look again
    bool answered = true;              // Digio said something
    std::optional<standing> person{};  // what becomes of it, where that changes
    std::vector<std::string> reasons{};

    // Whether the session is another than before: whether anything is to be stored but that it was looked at.
    bool changes(const session& before) const {
        return to != before.now || submitted != before.submitted || needs_staff != before.needs_staff;
    }
};

// What may be asked of a session that Digio may know.
struct rules {
    bool approve_at_provider = true;
};
step next_step(const session& s, const provider_answer& said, const judgement& of_checks, const rules& how,
               instant now);

// An end that Digio does not decide: cancelled by the person, stopped by a withdrawn consent, or never begun
// for our or Digio's fault.
step ended(const session& s, state how, std::string cause);

// Whether an end gives the attempt back: nothing was handed in, or it was nobody's doing but ours, Digio's or
// the line's. docs/kyc.md says each in words.
bool spares(state end, std::string_view cause, bool submitted);

// When to ask Digio again unless something is heard before; `jitter` is uniform over [0, 1), so that what
// began together does not stay together. Nothing: an end, or it waits for staff.
std::optional<std::chrono::seconds> next_check(const session& after, std::int32_t checks, instant now,
                                               double jitter);

std::string_view name_of(state s);
std::string_view name_of(standing s);
std::string_view name_of(provider_status s);
std::optional<state> parse_state(std::string_view name);

}  // namespace astrotalk::onboarding::kyc
