#include "identity/cognito/second_factor.hpp"

namespace astrotalk::identity::cognito {
namespace {

constexpr std::string_view invalid = "InvalidParameterException", refused = "NotAuthorizedException";
constexpr const char* software_token = "SOFTWARE_TOKEN_MFA";

refusal explain(factor_error why) {
    switch (why) {
        case factor_error::locked_out:
            return {"TooManyRequestsException", "Attempt limit exceeded, please try after some time."};
        case factor_error::session_ended:
            return {refused, "Invalid session for the user, session is expired."};
        case factor_error::proof_wanted:
            return {refused, "Sign in with the code of your authenticator first."};
        case factor_error::sign_in_again:
            return {refused,
                    "Setting up an authenticator needs a sign-in of the last ten minutes. Sign in again."};
        case factor_error::must_have:
            return {invalid, "Administrators and support staff cannot turn their second factor off."};
        case factor_error::not_set_up: return no_software_token();
        case factor_error::code_mismatch: return {"CodeMismatchException", "Invalid code received for user"};
        case factor_error::code_used:
            return {"ExpiredCodeException", "Your software token has already been used once."};
        case factor_error::user_disabled: break;
    }
    return {refused, "User is disabled."};
}

}  // namespace

refusal no_software_token() {
    return {invalid, "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA"};
}

http::response refuse(const enrolling& by, factor_error why) {
    if (why == factor_error::session_ended && by.caller)
        return refuse(refusal{refused, "Access Token has been revoked"});
    return refuse(explain(why));
}

http::response answer_with(const service& s, const factor_challenge& next) {
    const bool set_up = next.what == factor_demand::set_up;
    json_object parameters;
    if (set_up)
        parameters.add("MFAS_CAN_SETUP", fmt::format(R"(["{}"])", software_token));  // text that holds JSON
    else if (!next.device.empty())
        parameters.add("FRIENDLY_DEVICE_NAME", next.device.reveal());
    parameters.add("USER_ID_FOR_SRP", next.of.to_string());
    const auto kind = set_up ? session_kind::set_up : session_kind::factor;
    json_object body;
    body.add("ChallengeName", set_up ? "MFA_SETUP" : software_token).add("ChallengeParameters", parameters);
    body.add("Session", session_string(s.keys, kind, next.id, {}));
    return answer_with(body);
}

task<http::response> answer_second_factor(service& s, members& in, client_ref client, bool set_up,
                                          const std::string& request_id) {
    const auto session = in.required("Session");
    members responses = in.nested("ChallengeResponses");
    check_secret_hash(responses, client, "USERNAME", "SECRET_HASH");
    const auto who = user_name::parse(responses.required("USERNAME", 128), in.served());
    secret code;
    if (!set_up) code = secret(responses.required("SOFTWARE_TOKEN_MFA_CODE"));
    if (in.fault()) co_return refuse(*in.fault());
    const auto kind = set_up ? session_kind::was_set_up : session_kind::factor;
    const auto challenge = open_session(s.keys, kind, session, {});
    if (!challenge) co_return refuse(explain(factor_error::session_ended));
    auto done =
        set_up ? co_await redeem_set_up(s, client, who, *challenge, request_id, in.sender())
               : co_await answer_factor(s, client, who, *challenge, std::move(code), request_id, in.sender());
    if (!done) co_return refuse(explain(done.error()));
    co_return co_await finish_sign_in(s, client, std::move(*done), operation::respond);
}

enrolling read_enrolling(service& s, members& in) {
    const auto session = in.optional("Session");
    const auto token = in.optional("AccessToken", 8192);
    if (session.has_value() == token.has_value())
        in.refuse(invalid, "Either AccessToken or Session must be given.");
    if (in.fault()) return {};
    if (token) return {read_caller(s, in), {}};
    const auto challenge = open_session(s.keys, session_kind::set_up, *session, {});
    if (!challenge) {
        const auto why = explain(factor_error::session_ended);
        in.refuse(why.type, why.message);
    }
    return {{}, challenge};
}

std::optional<factor_setting> read_preference(members& in) {
    for (const char* name : {"SMSMfaSettings", "EmailMfaSettings", "WebAuthnMfaSettings"}) {
        members other = in.nested(name);
        const bool on = other.boolean("Enabled").value_or(false);
        if (other.boolean("PreferredMfa").value_or(on) || on)
            in.refuse(invalid, fmt::format("{}: the only second factor is SOFTWARE_TOKEN_MFA.", name));
    }
    // Nobody turns it off by leaving something out.
    if (!in.has("SoftwareTokenMfaSettings")) return std::nullopt;
    members wanted = in.nested("SoftwareTokenMfaSettings");
    const auto enabled = wanted.boolean("Enabled");
    if (!enabled) in.refuse(invalid, "SoftwareTokenMfaSettings must say whether it is Enabled.");
    const factor_setting to{enabled.value_or(false), wanted.boolean("PreferredMfa").value_or(false)};
    if (to.preferred && !to.enabled) in.refuse(invalid, "What is preferred must be enabled.");
    return to;
}

void add_factor(json_object& to, const factor_setting& which) {
    if (!which.enabled) return;
    to.add("UserMFASettingList", std::vector<std::string>{software_token});
    if (which.preferred) to.add("PreferredMfaSetting", software_token);
}

}  // namespace astrotalk::identity::cognito
