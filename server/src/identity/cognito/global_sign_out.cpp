#include "identity/cognito/protocol.hpp"

namespace astrotalk::identity::cognito {

task<http::response> global_sign_out(service& s, members& in, const std::string& request_id) {
    auto caller = read_caller(s, in);
    if (in.fault()) co_return refuse(*in.fault());
    const auto done = co_await end_sessions(s, std::move(*caller), request_id);
    if (!done) co_return refuse(operation::get_user, done.error());
    co_return answer_with(json_object());
}

}  // namespace astrotalk::identity::cognito
