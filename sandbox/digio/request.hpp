// A KYC request as Digio keeps it: what the client asked for, and how far the person is.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "digio/person.hpp"

namespace sandbox::digio {

using astrotalk::instant;

// `success` is of actions only: the person did their part, and the request waits for its approval.
enum class state { requested, approval_pending, approved, rejected, failed, expired, skipped, success };
BOOST_DESCRIBE_ENUM(state, requested, approval_pending, approved, rejected, failed, expired, skipped, success)
inline bool is_final(state s) {
    return s == state::approved || s == state::rejected || s == state::failed || s == state::expired ||
           s == state::skipped;
}
std::string_view name_of(state s);

enum class kind { digilocker, selfie, two_way_video };
BOOST_DESCRIBE_ENUM(kind, digilocker, selfie, two_way_video)
std::string_view name_of(kind k);

// DigiLocker: the person says which PAN, then proves the Aadhaar by a code.
struct documents {
    bool pan_given = false;
    std::string code;  // empty: none was sent
    instant code_sent{};
    int wrong = 0;  // of this code
    int codes = 0;
};

// A video call with a simulated agent.
enum class call_phase { none, waiting, talking, ended, dropped };
BOOST_DESCRIBE_ENUM(call_phase, none, waiting, talking, ended, dropped)
struct video_call {
    call_phase phase = call_phase::none;
    instant asked{}, joins{}, ended{};
    std::optional<instant> drops{};  // a fault: when the connection breaks
    std::string agent, agent_id;
    std::vector<int> questions{};  // which, in order
    std::size_t answered = 0;
    bool refused_one = false;
    std::string verdict{}, reason{};  // approve, reject
    int number = 0;                   // of calls so far: each one leads to events of its own
};

struct place {
    double latitude = 0, longitude = 0;
    std::string address;
};

struct action {
    std::string id{}, ref{}, title{};
    kind type = kind::selfie;
    state now = state::requested;
    std::string file_id{}, execution_id{}, geo_id{};
    bool optional = false;
    std::string face_match = "none";  // face_match_obj_type
    std::optional<instant> completed{};
    int retries = 0;
    std::string reason{};
    documents papers{};
    video_call call{};
    std::optional<place> where{};
    std::optional<std::int32_t> confidence{};
    std::string picture{};  // the selfie as it was uploaded; empty: a drawn one
    int drawn = 0;          // 0: the person; 1: somebody else
};

struct token {
    std::string id;
    instant created{}, valid_till{};
};

struct happened {
    instant at{};
    std::string event;
};

struct request {
    std::string id;
    instant created{}, updated{}, expires{};
    state now = state::requested;
    std::string identifier, name, reference_id, transaction_id, workflow, template_id;
    int expire_in_days = 10;
    bool auto_approved = false;
    std::string auditor, auditor_id, error;
    person who{};
    std::vector<action> actions{};
    std::vector<token> tokens{};      // the newest last; few
    std::vector<happened> history{};  // the newest last; bounded
    std::vector<std::pair<std::string, std::string>>
        sent{};      // earlier events and their payloads, for `stale`
    int review = 0;  // counts reviews that began: one that was overtaken decides nothing
};

inline bool has_video(const request& r) {
    for (const auto& each : r.actions)
        if (each.type == kind::two_way_video) return true;
    return false;
}

}  // namespace sandbox::digio
