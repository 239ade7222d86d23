#include "identity/cognito/protocol.hpp"

#include <boost/json.hpp>

#include "core/log.hpp"
#include "identity/cognito/account.hpp"
#include "identity/cognito/admin.hpp"
#include "identity/user_agent.hpp"

namespace astrotalk::identity::cognito {
namespace {

constexpr std::string_view content_type = "application/x-amz-json-1.1";
constexpr std::string_view target_prefix = "AWSCognitoIdentityProviderService.";

struct entry {
    std::string_view name;
    handler handle;
};
constexpr entry operations[] = {
    {"SignUp", sign_up},
    {"ConfirmSignUp", confirm_sign_up},
    {"ResendConfirmationCode", resend_confirmation_code},
    {"InitiateAuth", initiate_auth},
    {"RespondToAuthChallenge", respond_to_auth_challenge},
    {"GetTokensFromRefreshToken", get_tokens_from_refresh_token},
    {"RevokeToken", revoke_token},
    {"GlobalSignOut", global_sign_out},
    {"GetUser", get_user},
    {"UpdateUserAttributes", update_user_attributes},
    {"DeleteUserAttributes", delete_user_attributes},
    {"GetUserAttributeVerificationCode", get_user_attribute_verification_code},
    {"VerifyUserAttribute", verify_user_attribute},
    {"ListUserSessions", list_user_sessions},
    {"RevokeUserSession", revoke_user_session},
    {"DeleteUser", delete_user},
    {"AssociateSoftwareToken", associate_software_token},
    {"VerifySoftwareToken", verify_software_token},
    {"SetUserMFAPreference", set_user_mfa_preference},
};

refusal explain(operation by, error why) {
    const bool challenge = by == operation::initiate || by == operation::respond;
    switch (why) {
        case error::too_many_codes:
            // Neither InitiateAuth nor RespondToAuthChallenge models LimitExceededException.
            return {challenge ? "TooManyRequestsException" : "LimitExceededException",
                    "Attempt limit exceeded, please try after some time."};
        case error::locked_out:
            return {by == operation::confirm ? "TooManyFailedAttemptsException" : "TooManyRequestsException",
                    "Attempt limit exceeded, please try after some time."};
        case error::code_expired:
            return {"ExpiredCodeException", "Invalid code provided, please request a code again."};
        case error::session_ended:
            return {"NotAuthorizedException", "Invalid session for the user, session is expired."};
        case error::code_mismatch:
            return {"CodeMismatchException", "Invalid verification code provided, please try again."};
        case error::user_disabled: return {"NotAuthorizedException", "User is disabled."};
        case error::token_reused:
            return {"RefreshTokenReuseException", "Refresh Token has already been used"};
        case error::token_not_valid: return {"NotAuthorizedException", "Invalid Refresh Token"};
        case error::token_revoked:
            return {"NotAuthorizedException", by == operation::refresh ? "Refresh Token has been revoked"
                                                                       : "Access Token has been revoked"};
        case error::token_expired: return {"NotAuthorizedException", "Refresh Token has expired"};
    }
    return {"InternalErrorException", "Internal error"};
}

task<http::response> perform(service& s, handler handle, http::exchange& x) {
    const auto body = parse_body(x.in.body);
    if (!body) co_return refuse(refusal{"SerializationException", "The body must be a JSON object"});
    members in(*body, {x.in.peer, std::string(x.in.header("x-device-id")), std::string(agent_of(x.in))},
               s.how.served);
    co_return co_await handle(s, in, x.request_id);
}

http::response internal_error() {
    auto r = refuse(refusal{"InternalErrorException", "The service is not available, please try again."});
    r.status = 500;
    return r;
}

}  // namespace

http::response answer_with(const json_object& body) {
    http::response r;
    r.content_type = content_type;
    r.body = body.text();
    return r;
}

http::response refuse(const refusal& why) {
    json_object body;
    body.add("__type", why.type).add("message", why.message);
    auto r = answer_with(body);
    r.status = 400;
    r.headers.emplace_back("x-amzn-errortype", std::string(why.type));
    // What the client sent may be in it.
    std::string message = why.message;
    for (char& c : message)
        if (c < ' ' || c > '~') c = '?';
    r.headers.emplace_back("x-amzn-errormessage", std::move(message));
    return r;
}

http::response refuse(operation by, error why) { return refuse(explain(by, why)); }

void restate(http::response& r) {
    auto made = r.status == 429   ? refuse(refusal{"TooManyRequestsException", "Rate exceeded"})
                : r.status >= 500 ? internal_error()
                : r.status == 413
                    ? refuse(refusal{"InvalidParameterException", "The request is too large."})
                    : refuse(refusal{"InvalidParameterException", "The request is not acceptable."});
    for (auto& header : r.headers) made.headers.push_back(std::move(header));
    r = std::move(made);
}

http::response refuse(operation by, const send_refusal& why) {
    refusal explained = explain(by, why.why);
    explained.message += fmt::format(" Try again in {} seconds.", why.wait.count());
    auto r = refuse(explained);
    r.headers.emplace_back("retry-after", std::to_string(why.wait.count()));
    return r;
}

task<http::response> answer(service& s, http::exchange& x) {
    http::response r;
    auto name = x.in.header("x-amz-target");
    name.remove_prefix(name.starts_with(target_prefix) ? target_prefix.size() : name.size());
    const auto* what = std::ranges::find(operations, name, &entry::name);
    const auto by_admin = find_admin_operation(name);
    if (what == std::end(operations) && !by_admin) {
        r = refuse(refusal{"UnknownOperationException", ""});
    } else {
        try {
            r = by_admin ? co_await perform_admin(s, by_admin, x) : co_await perform(s, what->handle, x);
        } catch (const std::exception& e) {
            // The edge would answer with problem JSON, which these clients cannot read.
            const auto* refused = dynamic_cast<const pg::error*>(&e);
            if (refused != nullptr && refused->constraint() == "account_ended") {
                r = refuse(refusal{"NotAuthorizedException", "Access Token has been revoked"});
            } else {
                log::error("cognito.failed",
                           {{"operation", log::text(name)}, {"error", log::text(e.what())}});
                r = internal_error();
            }
        }
    }
    // The AWS SDK tries a refused send again by itself, and would keep its caller waiting as long as the
    // header says before telling them. It has the time in the message.
    if (!x.in.header("amz-sdk-request").empty())
        std::erase_if(r.headers, [](const auto& each) { return each.first == "retry-after"; });
    r.headers.emplace_back("x-amzn-requestid", x.request_id);
    co_return r;
}

}  // namespace astrotalk::identity::cognito
