#include "identity/cognito/second_factor.hpp"

namespace astrotalk::identity::cognito {

task<http::response> set_user_mfa_preference(service& s, members& in, const std::string& request_id) {
    auto caller = read_caller(s, in);
    const auto to = read_preference(in);
    if (in.fault()) co_return refuse(*in.fault());
    if (!to) {  // nothing of what we have is to change
        if (co_await find_person(s, caller->id, caller->session)) co_return answer_with(json_object());
        co_return refuse({std::move(caller), {}}, factor_error::session_ended);
    }
    const auto done = co_await set_factor(s, *caller, *to, request_id);
    // Amplify turns off what there never was.
    const bool was_off = !done && !to->enabled && done.error() == factor_error::not_set_up;
    if (!done && !was_off) co_return refuse({std::move(caller), {}}, done.error());
    co_return answer_with(json_object());
}

}  // namespace astrotalk::identity::cognito
