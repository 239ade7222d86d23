// What staff see of KYC sessions, and decide about those that the policy leaves to them.
//
// Thread safety and errors are those of kyc_service.hpp. Whatever shows something about a person is audited
// in the statement that reads it.
#pragma once

#include "onboarding/kyc_service.hpp"

namespace astrotalk::onboarding::kyc {

struct queue_item {
    uuid id;
    astrotalk::user_id user_id;
    std::string state, method;
    std::int32_t attempt = 0;
    std::optional<std::string> provider_status;
    std::vector<std::string> reasons;
    std::vector<finding> findings;
    bool four_eyes = false;
    std::optional<astrotalk::user_id> approved_by;
    instant started_at;
    std::optional<instant> submitted_at;
};
BOOST_DESCRIBE_STRUCT(queue_item, (),
                      (id, user_id, state, method, attempt, provider_status, reasons, findings, four_eyes,
                       approved_by, started_at, submitted_at))

// The papers: masked, or as they are.
struct papers {
    personal legal_name, pan, pan_name, pan_birth_date, aadhaar, aadhaar_name, aadhaar_birth_date;
    std::optional<double> face_match;
};
BOOST_DESCRIBE_STRUCT(papers, (),
                      (legal_name, pan, pan_name, pan_birth_date, aadhaar, aadhaar_name, aadhaar_birth_date,
                       face_match))
struct case_detail {
    queue_item session;
    std::optional<std::string> cause;
    std::optional<instant> ended_at;
    papers seen;
    std::string started_from, returned_from;  // "Pune, India", where that is known
};
BOOST_DESCRIBE_STRUCT(case_detail, (), (session, cause, ended_at, seen, started_from, returned_from))

struct staff_member {
    user_id id;
    std::string role, reason, request_id;
    std::string address{};  // where they decide from
};

// After that id; one more than `most` when there are more.
task<std::vector<queue_item>> read_queue(service& s, uuid after, std::int32_t most);
// Nothing when there is none of that id. `reveal`: unmasked.
task<std::optional<case_detail>> read_detail(service& s, staff_member who, uuid session, bool reveal);

// Where the policy asks for four eyes, the first approval is kept and the second decides.
task<outcome<void>> approve(service& s, staff_member who, uuid session);

// Why staff reject. From the last three on for good; after the others the person may try again.
enum class reject_code : std::uint8_t {
    papers_unclear,
    names_differ,
    call_disturbed,
    other_person,
    suspected_fraud,
    under_age
};
BOOST_DESCRIBE_ENUM(reject_code, papers_unclear, names_differ, call_disturbed, other_person, suspected_fraud,
                    under_age)
task<outcome<void>> reject(service& s, staff_member who, uuid session, reject_code why);

// For who will not or cannot use Digio: staff have seen other papers, and say which in the reason.
task<outcome<void>> accept_papers(service& s, staff_member who, user_id astrologer);

// What Digio is to be asked to delete: its request, since when.
struct deletion {
    uuid session_id;
    std::string kid;
    instant requested_at;
};
BOOST_DESCRIBE_STRUCT(deletion, (), (session_id, kid, requested_at))
task<std::vector<deletion>> read_deletions(service& s, uuid after, std::int32_t most);
// False: there is none that is open.
task<bool> finish_deletion(service& s, staff_member who, uuid session);

std::span<const http::route<service>> routes();
std::span<const http::route<service>> staff_routes();

}  // namespace astrotalk::onboarding::kyc
