#include "identity/cognito/account.hpp"

namespace astrotalk::identity::cognito {

// There are no SSO sessions, so none is linked to another.
task<http::response> revoke_user_session(service& s, members& in, const std::string& request_id) {
    constexpr std::string_view invalid = "InvalidParameterException";
    const auto caller = check_caller(s, in);
    const auto name = in.required("SessionId", 28);
    const auto linked = in.optional("RevokeAssociatedSessions", 16).value_or("NONE");
    if (linked != "NONE" && linked != "LINKED")
        in.refuse(invalid, "RevokeAssociatedSessions must be NONE or LINKED.");
    const auto session = parse_session_name(name);
    if (caller && session == caller->who.session)
        in.refuse(invalid, "SessionId must not be the session of the access token: sign out instead.");
    if (in.fault()) co_return refuse(*in.fault());
    if (!session || !co_await end_session(s, caller->who, *session, request_id))
        co_return refuse(refusal{"ResourceNotFoundException", "Session not found."});
    co_return answer_with(json_object());
}

}  // namespace astrotalk::identity::cognito
