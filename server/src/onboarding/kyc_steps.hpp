// What the KYC use cases of this folder share. Not for other folders.
#pragma once

#include "onboarding/kyc_service.hpp"

namespace astrotalk::onboarding::kyc {

inline constexpr std::string_view evidence_purpose = "kyc_session.evidence";
inline constexpr std::string_view token_purpose = "kyc_session.token";
inline constexpr std::string_view origin_purpose = "kyc_session.origin";
inline constexpr std::string_view return_purpose = "kyc_session.return";
inline constexpr std::string_view legal_name_purpose = "astrologer.legal_name";
// "kyc_session.token:" and the id.
std::string place_of(std::string_view purpose, uuid row);

bytes pan_hash_of(const crypto::keyring& keys, std::string_view pan);
// Of what may be empty: nothing then.
std::optional<bytes> origin_hash_of(const crypto::keyring& keys, std::string_view purpose,
                                    std::string_view value);
// As audit rows carry it; empty for an empty one.
std::string address_mark_of(const crypto::keyring& keys, std::string_view address);
bytes seal_origin(const crypto::keyring& keys, std::string_view purpose, uuid row, const origin& from);
origin open_origin(const crypto::keyring& keys, std::string_view purpose, uuid row,
                   const std::optional<bytes>& sealed);
personal phone_of(const crypto::keyring& keys, user_id who, const bytes& sealed);
personal legal_name_of(const crypto::keyring& keys, user_id who, const std::optional<bytes>& sealed);

// A row of read_last_kyc and read_own_kyc.
struct session_row {
    uuid id;
    astrotalk::user_id user_id;
    std::string state;
    std::int32_t version = 0;
    std::optional<std::string> kid, kid_hint;
    std::string method;
    bool submitted = false, needs_staff = false, four_eyes = false;
    std::optional<astrotalk::user_id> approved_by, seconded_by;
    std::int32_t attempt = 0, checks = 0, silent = 0;
    std::optional<std::string> cause;
    std::vector<std::string> reasons;
    instant started_at, expires_at;
    std::optional<instant> submitted_at, ended_at;
    std::optional<bytes> token_sealed;
};
BOOST_DESCRIBE_STRUCT(session_row, (),
                      (id, user_id, state, version, kid, kid_hint, method, submitted, needs_staff, four_eyes,
                       approved_by, seconded_by, attempt, checks, silent, cause, reasons, started_at,
                       expires_at, submitted_at, ended_at, token_sealed))
// With the address of Digio's pages while it is open and a token is known.
session_view view_of(service& s, const session_row& row, const personal& phone);

struct person_row {
    std::optional<std::string> kyc_status, profile_status;
    bytes phone_sealed;
    std::optional<bytes> legal_name_sealed;
    bool consented = false;
    std::int32_t used = 0, today = 0;
    std::optional<bytes> fingerprint;
    std::optional<std::string> answer;
};
BOOST_DESCRIBE_STRUCT(person_row, (),
                      (kyc_status, profile_status, phone_sealed, legal_name_sealed, consented, used, today,
                       fingerprint, answer))
standing standing_of(const person_row& row);

// What start_kyc and accept_papers give back.
struct started_row {
    uuid id;
    std::optional<std::string> lost;
};
BOOST_DESCRIBE_STRUCT(started_row, (), (id, lost))

// A row of read_kyc_case.
struct case_row {
    uuid id;
    astrotalk::user_id user_id;
    std::string state;
    std::int32_t version = 0;
    std::optional<std::string> kid, kid_hint;
    std::string method;
    bool submitted = false, needs_staff = false, four_eyes = false;
    std::optional<astrotalk::user_id> approved_by, seconded_by;
    std::optional<std::string> staff_reason;
    std::int32_t checks = 0, silent = 0;
    instant started_at, expires_at;
    std::optional<bytes> origin_sealed, return_sealed, address_hash, device_hash, legal_name_sealed;
    bool consented = false;
};
BOOST_DESCRIBE_STRUCT(case_row, (),
                      (id, user_id, state, version, kid, kid_hint, method, submitted, needs_staff, four_eyes,
                       approved_by, seconded_by, staff_reason, checks, silent, started_at, expires_at,
                       origin_sealed, return_sealed, address_hash, device_hash, legal_name_sealed, consented))
task<std::optional<case_row>> read_case(service& s, uuid session);
session session_of(const case_row& row);

// Who takes a step, for the audit trail. By default the system itself.
struct actor {
    std::optional<user_id> id{};
    std::string role = "system";
    std::string reason{};  // empty: the step's cause
    std::string request_id{};
    std::string address_hash{};  // hex
};

// What was seen with the step and is stored beside it.
struct seen {
    std::optional<provider_view> view{};
    std::vector<finding> findings{};
    bool judged = false;
};
enum class stored : std::uint8_t { done, lost, pan_taken };
// Stores the step over the version it was decided from. `lost`: somebody was faster, or the consent is gone.
task<stored> store(service& s, case_row row, step next, seen what, actor by);

// Asks Digio, and judges what it shows where that is to be judged.
struct look {
    provider_answer said;
    seen what{};
    judgement of_checks{};
};
task<look> look_at(service& s, case_row row);

}  // namespace astrotalk::onboarding::kyc
