#include "identity/cognito/protocol.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity::cognito {
namespace {

task<http::response> choose(service& s, phone_number phone, std::string session, std::string answer,
                            origin from) {
    const auto challenge = open_session(s.keys, session_kind::select, session, hash_of(s.keys, phone));
    if (!challenge || !is_recent(*challenge)) co_return refuse(operation::respond, error::session_ended);
    if (answer != "SMS_OTP")
        co_return refuse(refusal{"InvalidParameterException", "The selected challenge is not available."});
    co_return co_await start_sms_challenge(s, std::move(phone), operation::respond, std::move(from));
}

task<http::response> answer(service& s, phone_number phone, std::string session, secret code,
                            std::string request_id) {
    const auto challenge = open_session(s.keys, session_kind::sign_in, session, hash_of(s.keys, phone));
    if (!challenge) co_return refuse(operation::respond, error::session_ended);
    auto done = co_await answer_code(s, std::move(phone), *challenge, std::move(code), std::move(request_id));
    co_return co_await finish_sign_in(s, std::move(done), operation::respond);
}

}  // namespace

task<http::response> respond_to_auth_challenge(service& s, members& in, const std::string& request_id) {
    check_client(s, in);
    const auto challenge = in.required("ChallengeName", 64);
    auto session = in.required("Session");
    members responses = in.nested("ChallengeResponses");
    const auto phone = read_phone(responses, "USERNAME");
    std::string given;
    if (challenge == "SELECT_CHALLENGE")
        given = responses.required("ANSWER");
    else if (challenge == "SMS_OTP")
        given = responses.required("SMS_OTP_CODE");
    else
        in.refuse("InvalidParameterException", "This challenge is not enabled for this client.");
    if (in.fault()) co_return refuse(*in.fault());
    if (challenge == "SELECT_CHALLENGE")
        co_return co_await choose(s, *phone, std::move(session), std::move(given), in.sender());
    co_return co_await answer(s, *phone, std::move(session), secret(std::move(given)), request_id);
}

}  // namespace astrotalk::identity::cognito
