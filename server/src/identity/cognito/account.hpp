// The operations by which people keep their own account. Each is called with an access token of theirs.
#pragma once

#include "identity/account.hpp"
#include "identity/cognito/protocol.hpp"

namespace astrotalk::identity::cognito {

struct signed_in_caller {
    http::principal who;
    client_ref client;  // of the token
};
// AccessToken; nothing when refused. That its session is open is for the use case to find out.
std::optional<signed_in_caller> check_caller(service& s, members& in);
http::response refuse(const account_refusal& why);

// Those that have a code: phone_number, and email where it is offered.
void check_verifiable(const service& s, members& in, std::string_view attribute);

// "tkn" and the session in 25 lower-case letters and digits, as Cognito writes them.
std::string session_name(family_id session);
std::optional<family_id> parse_session_name(std::string_view name);

task<http::response> update_user_attributes(service& s, members& in, const std::string& request_id);
task<http::response> delete_user_attributes(service& s, members& in, const std::string& request_id);
task<http::response> get_user_attribute_verification_code(service& s, members& in,
                                                          const std::string& request_id);
task<http::response> verify_user_attribute(service& s, members& in, const std::string& request_id);
task<http::response> list_user_sessions(service& s, members& in, const std::string& request_id);
task<http::response> revoke_user_session(service& s, members& in, const std::string& request_id);
task<http::response> delete_user(service& s, members& in, const std::string& request_id);

}  // namespace astrotalk::identity::cognito
