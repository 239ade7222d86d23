#include "identity/cognito/protocol.hpp"

namespace astrotalk::identity::cognito {

task<http::response> get_tokens_from_refresh_token(service& s, members& in, const std::string& request_id) {
    check_client(s, in);
    secret token(in.required("RefreshToken"));
    if (in.fault()) co_return refuse(*in.fault());
    auto done = co_await refresh(s, std::move(token), request_id);
    if (!done) co_return refuse(operation::refresh, done.error());
    const auto tokens = co_await issue_tokens(s, std::move(*done));
    json_object body;
    body.add("AuthenticationResult", authentication_result(tokens));
    co_return answer_with(body);
}

}  // namespace astrotalk::identity::cognito
