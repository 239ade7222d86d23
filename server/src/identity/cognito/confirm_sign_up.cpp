#include "identity/cognito/protocol.hpp"

namespace astrotalk::identity::cognito {

task<http::response> confirm_sign_up(service& s, members& in, const std::string& request_id) {
    const auto client = check_client(s, in);
    check_secret_hash(in, client, "Username", "SecretHash");
    const auto phone = read_phone(in, "Username");
    secret code(in.required("ConfirmationCode"));
    const auto session = in.optional("Session");
    if (in.fault()) co_return refuse(*in.fault());
    const bytes phone_hash = hash_of(s.keys, *phone);
    std::optional<uuid> challenge;
    if (session) {
        challenge = open_session(s.keys, session_kind::sign_up, *session, phone_hash);
        if (!challenge) co_return refuse(operation::confirm, error::session_ended);
    }

    const auto done =
        co_await identity::confirm_sign_up(s, client, {*phone, challenge, std::move(code), request_id});
    if (!done) co_return refuse(operation::confirm, done.error());
    json_object body;
    body.add("Session", session_string(s.keys, session_kind::confirmed, *done, phone_hash));
    co_return answer_with(body);
}

}  // namespace astrotalk::identity::cognito
