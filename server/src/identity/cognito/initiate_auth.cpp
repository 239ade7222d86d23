#include "identity/cognito/protocol.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity::cognito {
namespace {

// The session of a choice is not worth a row: its id has its time, its MAC says whose it is, and choosing
// sends the code.
http::response offer_choice(const service& s, const phone_number& phone) {
    json_object body;
    body.add("ChallengeName", "SELECT_CHALLENGE")
        .add("AvailableChallenges", std::vector<std::string>{"SMS_OTP"});
    body.add("ChallengeParameters", json_object());
    body.add("Session", session_string(s.keys, session_kind::select, uuid::v7(), hash_of(s.keys, phone)));
    return answer_with(body);
}

}  // namespace

task<http::response> initiate_auth(service& s, members& in, const std::string& request_id) {
    check_client(s, in);
    const auto flow = in.required("AuthFlow", 64);
    if (flow != "USER_AUTH")
        in.refuse("InvalidParameterException", "This flow is not enabled for this client.");
    members parameters = in.nested("AuthParameters");
    const auto phone = read_phone(parameters, "USERNAME");
    const auto preferred = parameters.optional("PREFERRED_CHALLENGE");
    const auto session = in.optional("Session");
    if (in.fault()) co_return refuse(*in.fault());
    if (session) {
        const auto challenge =
            open_session(s.keys, session_kind::confirmed, *session, hash_of(s.keys, *phone));
        if (!challenge) co_return refuse(operation::initiate, error::session_ended);
        co_return co_await finish_sign_in(s, co_await redeem_confirmation(s, *phone, *challenge, request_id),
                                          operation::initiate);
    }
    if (preferred == "SMS_OTP")
        co_return co_await start_sms_challenge(s, *phone, operation::initiate, in.sender());
    co_return offer_choice(s, *phone);
}

}  // namespace astrotalk::identity::cognito
