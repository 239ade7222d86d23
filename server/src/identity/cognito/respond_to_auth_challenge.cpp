#include "identity/cognito/second_factor.hpp"

namespace astrotalk::identity::cognito {
namespace {

task<http::response> choose(service& s, client_ref client, phone_number phone, std::string session,
                            std::string answer, origin from) {
    const auto challenge = open_session(s.keys, session_kind::select, session, hash_of(s.keys, phone));
    if (!challenge || !is_recent(*challenge)) co_return refuse(operation::respond, error::session_ended);
    if (answer != "SMS_OTP")
        co_return refuse(refusal{"InvalidParameterException", "The selected challenge is not available."});
    co_return co_await start_challenge(s, std::move(client), std::move(phone), session_kind::sign_in,
                                       operation::respond, std::move(from));
}

task<http::response> answer(service& s, client_ref client, phone_number phone, session_kind kind,
                            std::string session, secret code, std::string request_id, origin from) {
    const auto challenge = open_session(s.keys, kind, session, hash_of(s.keys, phone));
    if (!challenge) co_return refuse(operation::respond, error::session_ended);
    auto done = co_await answer_code(s, client, std::move(phone), *challenge, std::move(code),
                                     std::move(request_id), std::move(from));
    if (!done) co_return refuse(operation::respond, done.error());
    if (const auto* next = std::get_if<factor_challenge>(&*done)) co_return answer_with(s, *next);
    co_return co_await finish_sign_in(s, std::move(client), std::get<signed_in>(std::move(*done)),
                                      operation::respond);
}

// What a challenge needs: the flow that leads to it, the session it has, and where its answer is.
struct challenge_kind {
    std::string_view name, flow;
    session_kind session;
    std::string_view answer;
};
constexpr challenge_kind challenges[] = {
    {"SELECT_CHALLENGE", flow::user_auth, session_kind::select, "ANSWER"},
    {"SMS_OTP", flow::user_auth, session_kind::sign_in, "SMS_OTP_CODE"},
    {"CUSTOM_CHALLENGE", flow::custom_auth, session_kind::custom, "ANSWER"},
};

}  // namespace

task<http::response> respond_to_auth_challenge(service& s, members& in, const std::string& request_id) {
    const auto client = check_client(s, in);
    const auto name = in.required("ChallengeName", 64);
    if (name == "SOFTWARE_TOKEN_MFA" || name == "MFA_SETUP")
        co_return co_await answer_second_factor(s, in, client, name == "MFA_SETUP", request_id);
    auto session = in.required("Session");
    const auto* kind = std::ranges::find(challenges, name, &challenge_kind::name);
    if (client && (kind == std::end(challenges) || !client->allows(kind->flow)))
        in.refuse("InvalidParameterException", "This challenge is not enabled for this client.");
    members responses = in.nested("ChallengeResponses");
    check_secret_hash(responses, client, "USERNAME", "SECRET_HASH");
    const auto phone = read_phone(responses, "USERNAME");
    std::string given;
    if (!in.fault()) given = responses.required(kind->answer);
    if (in.fault()) co_return refuse(*in.fault());
    if (kind->session == session_kind::select)
        co_return co_await choose(s, client, *phone, std::move(session), std::move(given), in.sender());
    co_return co_await answer(s, client, *phone, kind->session, std::move(session), secret(std::move(given)),
                              request_id, in.sender());
}

}  // namespace astrotalk::identity::cognito
