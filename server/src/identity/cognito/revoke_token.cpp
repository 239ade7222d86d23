#include "identity/cognito/protocol.hpp"

namespace astrotalk::identity::cognito {

// A well-formed token that we do not know has nothing left to revoke (RFC 7009), so that is success.
task<http::response> revoke_token(service& s, members& in, const std::string& request_id) {
    const auto client = check_client(s, in);
    const auto client_secret = in.optional("ClientSecret", 128);
    secret token(in.required("Token", 8192));
    if (in.fault()) co_return refuse(*in.fault());
    // Its model has no NotAuthorizedException.
    if (!client->accepts_secret(client_secret, clock::now()))
        co_return refuse(refusal{"UnauthorizedException", secret_not_verified(*client, true).message});
    if (token.reveal().find('.') != std::string::npos)
        co_return refuse(refusal{"UnsupportedTokenTypeException", "Only refresh tokens can be revoked."});
    if (!is_refresh_token(token.reveal()))
        co_return refuse(refusal{"InvalidParameterException", "This is not a refresh token."});
    co_await identity::revoke_token(s, client, std::move(token), request_id);
    co_return answer_with(json_object());
}

}  // namespace astrotalk::identity::cognito
