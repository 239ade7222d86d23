#include "identity/cognito/second_factor.hpp"

namespace astrotalk::identity::cognito {

task<http::response> associate_software_token(service& s, members& in, const std::string&) {
    const auto by = read_enrolling(s, in);
    if (in.fault()) co_return refuse(*in.fault());
    const auto key = co_await associate_token(s, by);
    if (!key) co_return refuse(by, key.error());
    json_object body;
    body.add("SecretCode", key->reveal());
    if (by.challenge) body.add("Session", session_string(s.keys, session_kind::set_up, *by.challenge, {}));
    co_return answer_with(body);
}

}  // namespace astrotalk::identity::cognito
