#include "identity/cognito/protocol.hpp"

namespace astrotalk::identity::cognito {

task<http::response> get_tokens_from_refresh_token(service& s, members& in, const std::string& request_id) {
    const auto client = check_client(s, in);
    const auto client_secret = in.optional("ClientSecret", 128);
    secret token(in.required("RefreshToken"));
    if (in.fault()) co_return refuse(*in.fault());
    if (!client->accepts_secret(client_secret, clock::now()))
        co_return refuse(secret_not_verified(*client, true));
    auto done = co_await refresh(s, client, std::move(token), request_id, in.sender());
    if (!done) co_return refuse(operation::refresh, done.error());
    const auto tokens = co_await issue_tokens(s, client, std::move(*done));
    json_object body;
    body.add("AuthenticationResult", authentication_result(tokens));
    co_return answer_with(body);
}

}  // namespace astrotalk::identity::cognito
