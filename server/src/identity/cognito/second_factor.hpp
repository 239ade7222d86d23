// What the operations of the second factor share. Each refuses through the members' fault.
#pragma once

#include "identity/cognito/protocol.hpp"
#include "identity/second_factor.hpp"

namespace astrotalk::identity::cognito {

// SOFTWARE_TOKEN_MFA or MFA_SETUP, in answer to a right code.
http::response answer_with(const service& s, const factor_challenge& next);
// The answer to SOFTWARE_TOKEN_MFA, and to MFA_SETUP when it is done.
task<http::response> answer_second_factor(service& s, members& in, client_ref client, bool set_up,
                                          const std::string& request_id);

// AccessToken or Session, and not both.
enrolling read_enrolling(service& s, members& in);
// SoftwareTokenMfaSettings; the other kinds can only be off.
std::optional<factor_setting> read_preference(members& in);  // none: left as it is

refusal no_software_token();
http::response refuse(const enrolling& by, factor_error why);

// UserMFASettingList and PreferredMfaSetting.
void add_factor(json_object& to, const factor_setting& which);

}  // namespace astrotalk::identity::cognito
