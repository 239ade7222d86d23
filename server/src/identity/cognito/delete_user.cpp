#include "identity/cognito/account.hpp"

namespace astrotalk::identity::cognito {

task<http::response> delete_user(service& s, members& in, const std::string& request_id) {
    const auto caller = check_caller(s, in);
    if (in.fault()) co_return refuse(*in.fault());
    const auto done = co_await close_account(s, caller->who, request_id);
    if (!done) co_return refuse(done.error());
    co_return answer_with(json_object());
}

}  // namespace astrotalk::identity::cognito
