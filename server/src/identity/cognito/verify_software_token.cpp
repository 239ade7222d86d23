#include "identity/cognito/second_factor.hpp"

namespace astrotalk::identity::cognito {
namespace {

http::response refuse_code(const enrolling& by, factor_error why) {
    if (why == factor_error::code_mismatch)
        return refuse(
            refusal{"EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA"});
    if (why == factor_error::not_set_up)
        return refuse(
            refusal{"SoftwareTokenMFANotFoundException", "Software Token MFA does not exist for the user."});
    return refuse(by, why);
}

}  // namespace

task<http::response> verify_software_token(service& s, members& in, const std::string& request_id) {
    const auto by = read_enrolling(s, in);
    auto code = in.required("UserCode", 6);
    auto device = in.text("FriendlyDeviceName", 400);
    if (code.size() != 6 || !std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; }))
        in.refuse("InvalidParameterException", "UserCode must have six digits.");
    if (!device.empty() && !acceptable_name(device))
        in.refuse("InvalidParameterException",
                  "FriendlyDeviceName must have at most 100 printable characters.");
    if (in.fault()) co_return refuse(*in.fault());
    const auto done =
        co_await verify_token(s, {by, secret(std::move(code)), personal(std::move(device)), request_id});
    if (!done) co_return refuse_code(by, done.error());
    json_object body;
    body.add("Status", "SUCCESS");
    if (*done) body.add("Session", session_string(s.keys, session_kind::was_set_up, **done, {}));
    co_return answer_with(body);
}

}  // namespace astrotalk::identity::cognito
