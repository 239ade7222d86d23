#include "identity/cognito/second_factor.hpp"

namespace astrotalk::identity::cognito {

task<http::response> set_user_mfa_preference(service& s, members& in, const std::string& request_id) {
    auto caller = read_caller(s, in);
    const auto to = read_preference(in);
    if (in.fault()) co_return refuse(*in.fault());
    const auto done = co_await set_factor(s, *caller, to, request_id);
    if (!done) co_return refuse({std::move(caller), {}}, done.error());
    co_return answer_with(json_object());
}

}  // namespace astrotalk::identity::cognito
