// The second factor: a code of an authenticator app (TOTP, RFC 6238) after the SMS code.
//
// Whoever is in the group admin or support must have one, and sets it up at their first sign-in; others may.
// Each code is good once. A sign-in that passed it says so in its tokens, however often they are refreshed,
// and staff's routes answer only such tokens. Wrong codes count against the phone like wrong SMS codes.
//
// Errors: refusals are values, an outage throws pg::unavailable. Thread safety and lifetime are those of
// `service`. Every change writes its audit row.
#pragma once

#include "identity/administer.hpp"
#include "identity/identity.hpp"

namespace astrotalk::identity {

// In order of precedence.
enum class factor_error : std::uint8_t {
    locked_out,     // too many wrong answers for this phone
    session_ended,  // the sign-in or the challenge is over, or another's
    proof_wanted,   // who has a factor changes it in a sign-in that passed it
    sign_in_again,  // the sign-in began more than ten minutes ago
    must_have,      // staff cannot be without
    not_set_up,     // no authenticator has been verified, or none waits for it
    code_mismatch,
    code_used,  // right, but it has been used
    user_disabled,
};
template <class T>
using factor_outcome = result<T, factor_error>;

// --- Signing in, after answer_code gave a factor_challenge.

// Five wrong answers end the challenge. locked_out, session_ended, code_mismatch, code_used, user_disabled.
task<factor_outcome<signed_in>> answer_factor(service& s, client_ref client, user_name who, uuid challenge,
                                              secret code, std::string request_id, origin from = {});
// `challenge` is what verify_token gave. session_ended.
task<factor_outcome<signed_in>> redeem_set_up(service& s, client_ref client, user_name who, uuid challenge,
                                              std::string request_id, origin from = {});

// --- Setting one up: in an open sign-in, or by the challenge that demands it. One of the two is there.

struct enrolling {
    std::optional<http::principal> caller;
    std::optional<uuid> challenge;
};
// A new secret, as it is shown; the authenticator in use stays until the new one is verified.
// session_ended, proof_wanted, sign_in_again.
task<factor_outcome<secret>> associate_token(service& s, enrolling by);

struct first_code {
    enrolling by;
    secret code;
    personal device;  // what the owner calls it; may be empty
    std::string request_id;
};
// By a challenge: the one that redeem_set_up takes, and the factor is enabled. In an open sign-in: nothing,
// and signing in asks for it once it is enabled. The owner is told by SMS, as when it is turned off or
// reset. session_ended, proof_wanted, not_set_up, code_mismatch.
task<factor_outcome<std::optional<uuid>>> verify_token(service& s, first_code given);

// --- Whether signing in asks for it.

struct factor_setting {
    bool enabled = false, preferred = false;
};
task<factor_setting> find_factor(service& s, user_id of);
// session_ended, proof_wanted, must_have, not_set_up.
task<factor_outcome<void>> set_factor(service& s, http::principal caller, factor_setting to,
                                      std::string request_id);

// --- For operators.

// no_factor.
task<admin_outcome<void>> enable_factor(service& s, user_name who, factor_setting to, administrator by);
// The authenticator is lost: its secret is forgotten and every sign-in ends.
task<admin_outcome<void>> reset_factor(service& s, user_name who, administrator by);

}  // namespace astrotalk::identity
