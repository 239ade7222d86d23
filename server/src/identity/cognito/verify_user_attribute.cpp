#include "identity/cognito/account.hpp"

namespace astrotalk::identity::cognito {

task<http::response> verify_user_attribute(service& s, members& in, const std::string& request_id) {
    const auto caller = check_caller(s, in);
    check_verifiable(in, in.required("AttributeName", 32));
    secret code(in.required("Code"));
    if (in.fault()) co_return refuse(*in.fault());
    const auto done = co_await verify_phone(s, caller->who, std::move(code), request_id);
    if (!done) co_return refuse(done.error());
    co_return answer_with(json_object());
}

}  // namespace astrotalk::identity::cognito
