#include "identity/cognito/protocol.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity::cognito {

void check_client(const service& s, members& in) {
    const auto client = in.required("ClientId", 128);
    if (client != s.pool.client_id)
        in.refuse("ResourceNotFoundException", "User pool client does not exist.");
}

std::optional<phone_number> read_phone(members& in, std::string_view name) {
    auto phone = phone_number::parse(in.required(name, 128), in.served());
    if (!phone) in.refuse("InvalidParameterException", "Invalid phone number format.");
    return phone;
}

json_object code_delivery(const phone_number& to) {
    json_object details;
    details.add("AttributeName", "phone_number").add("DeliveryMedium", "SMS").add("Destination", to.masked());
    return details;
}

json_object authentication_result(const token_set& tokens) {
    json_object result;
    result.add("AccessToken", tokens.access).add("ExpiresIn", tokens.expires_in).add("IdToken", tokens.id);
    result.add("RefreshToken", tokens.refresh.reveal()).add("TokenType", "Bearer");
    return result;
}

json_object user_attributes(const person& who) {
    std::string list = "[";
    auto append = [&list](std::string_view name, std::string_view value) {
        json_object attribute;
        attribute.add("Name", name).add("Value", value);
        if (list.size() > 1) list += ',';
        list += attribute.text();
    };
    append("sub", who.id.to_string());
    append("phone_number", who.phone.reveal());
    append("phone_number_verified", "true");
    if (who.name) append("name", who.name->reveal());
    append("custom:user_type", who.user_type);
    if (who.profile_status) append("custom:profile_status", *who.profile_status);
    if (who.kyc_status) append("custom:kyc_status", *who.kyc_status);
    json_object body;
    body.add("Username", who.id.to_string()).add_raw("UserAttributes", list + ']');
    return body;
}

task<http::response> start_sms_challenge(service& s, phone_number phone, operation by, origin from) {
    const auto sent = co_await send_code(s, phone, code_purpose::sign_in, std::move(from));
    if (!sent) co_return refuse(by, sent.error());
    json_object parameters;
    parameters.add("CODE_DELIVERY_DELIVERY_MEDIUM", "SMS").add("CODE_DELIVERY_DESTINATION", phone.masked());
    json_object body;
    body.add("ChallengeName", "SMS_OTP").add("ChallengeParameters", parameters);
    body.add("Session", session_string(s.keys, session_kind::sign_in, *sent, hash_of(s.keys, phone)));
    co_return answer_with(body);
}

task<http::response> finish_sign_in(service& s, outcome<signed_in> done, operation by) {
    if (!done) co_return refuse(by, done.error());
    const auto tokens = co_await issue_tokens(s, std::move(*done));
    json_object body;
    body.add("AuthenticationResult", authentication_result(tokens)).add("ChallengeParameters", json_object());
    co_return answer_with(body);
}

bool is_recent(uuid challenge) {
    const auto age = clock::now() - challenge.time();
    return age >= std::chrono::seconds(-60) && age <= std::chrono::minutes(10);
}

}  // namespace astrotalk::identity::cognito
