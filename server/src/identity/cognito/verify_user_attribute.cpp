#include "identity/cognito/account.hpp"

namespace astrotalk::identity::cognito {

task<http::response> verify_user_attribute(service& s, members& in, const std::string& request_id) {
    const auto caller = check_caller(s, in);
    const auto attribute = in.required("AttributeName", 32);
    check_verifiable(s, in, attribute);
    secret code(in.required("Code"));
    if (in.fault()) co_return refuse(*in.fault());
    const auto done = attribute == "email"
                          ? co_await verify_email(s, caller->who, std::move(code), request_id)
                          : co_await verify_phone(s, caller->who, std::move(code), request_id);
    if (!done) co_return refuse(done.error());
    co_return answer_with(json_object());
}

}  // namespace astrotalk::identity::cognito
