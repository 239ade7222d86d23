#include "identity/cognito/protocol.hpp"

namespace astrotalk::identity::cognito {

// Answers alike for phones that nobody signed up with, and for those that are confirmed.
task<http::response> resend_confirmation_code(service& s, members& in, const std::string&) {
    const auto client = check_client(s, in);
    check_secret_hash(in, client, "Username", "SecretHash");
    const auto phone = read_phone(in, "Username");
    if (in.fault()) co_return refuse(*in.fault());
    const auto sent = co_await send_code(s, client, *phone, code_purpose::sign_up, in.sender());
    if (!sent) co_return refuse(operation::sign_up, sent.error());
    json_object body;
    body.add("CodeDeliveryDetails", code_delivery(*phone));
    co_return answer_with(body);
}

}  // namespace astrotalk::identity::cognito
