#include "identity/cognito/protocol.hpp"

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

// Cognito has two names for it.
std::string canonical(std::string flow) {
    return flow == "REFRESH_TOKEN" ? std::string(flow::refresh_token_auth) : std::move(flow);
}

task<http::response> by_code(service& s, client_ref client, members& in, session_kind kind,
                             std::string request_id) {
    members parameters = in.nested("AuthParameters");
    check_secret_hash(parameters, client, "USERNAME", "SECRET_HASH");
    const auto phone = read_phone(parameters, "USERNAME");
    const auto preferred = parameters.optional("PREFERRED_CHALLENGE");
    const auto session = in.optional("Session");
    if (in.fault()) co_return refuse(*in.fault());
    if (session) {
        const auto challenge =
            open_session(s.keys, session_kind::confirmed, *session, hash_of(s.keys, *phone));
        if (!challenge) co_return refuse(operation::initiate, error::session_ended);
        auto done =
            co_await redeem_confirmation(s, client, *phone, *challenge, std::move(request_id), in.sender());
        co_return co_await finish_sign_in(s, client, std::move(done), operation::initiate);
    }
    if (kind == session_kind::custom || preferred == "SMS_OTP")
        co_return co_await start_challenge(s, client, *phone, kind, operation::initiate, in.sender());
    co_return offer_choice(s, *phone);
}

// The hash is over the user's id, which only the token tells: nothing is changed before it is checked.
task<http::response> by_refresh_token(service& s, client_ref client, members& in, std::string request_id) {
    members parameters = in.nested("AuthParameters");
    secret token(parameters.required("REFRESH_TOKEN"));
    const auto hash = parameters.optional("SECRET_HASH", 128);
    if (in.fault()) co_return refuse(*in.fault());
    auto done = co_await refresh(s, client, std::move(token), std::move(request_id), in.sender());
    if (!done) co_return refuse(operation::refresh, done.error());
    if (!client->accepts_hash(done->who.id.to_string(), hash, clock::now()))
        co_return refuse(secret_not_verified(*client, hash.has_value()));
    co_return co_await finish_sign_in(s, client, std::move(done), operation::refresh);
}

}  // namespace

task<http::response> initiate_auth(service& s, members& in, const std::string& request_id) {
    const auto client = check_client(s, in);
    const auto flow = canonical(in.required("AuthFlow", 64));
    if (client && !client->allows(flow))
        in.refuse("InvalidParameterException", flow + " flow not enabled for this client");
    if (in.fault()) co_return refuse(*in.fault());
    if (flow == flow::refresh_token_auth) co_return co_await by_refresh_token(s, client, in, request_id);
    const auto kind = flow == flow::custom_auth ? session_kind::custom : session_kind::sign_in;
    co_return co_await by_code(s, client, in, kind, request_id);
}

}  // namespace astrotalk::identity::cognito
