#include "identity/cognito/account.hpp"

namespace astrotalk::identity::cognito {

task<http::response> get_user_attribute_verification_code(service& s, members& in, const std::string&) {
    const auto caller = check_caller(s, in);
    const auto attribute = in.required("AttributeName", 32);
    check_verifiable(s, in, attribute);
    if (in.fault()) co_return refuse(*in.fault());
    if (attribute == "email") {
        const auto to = co_await send_email_code(s, caller->who);
        if (!to) co_return refuse(to.error());
        co_return answer_with(json_object().add("CodeDeliveryDetails", code_delivery(*to)));
    }
    const auto sent = co_await send_change_code(s, caller->client, caller->who, in.sender());
    if (!sent) co_return refuse(sent.error());
    co_return answer_with(json_object().add("CodeDeliveryDetails", code_delivery(*sent)));
}

}  // namespace astrotalk::identity::cognito
