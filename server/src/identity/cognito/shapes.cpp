#include "identity/cognito/protocol.hpp"

namespace astrotalk::identity::cognito {

client_ref check_client(service& s, members& in) {
    const auto id = in.required("ClientId", 128);
    if (in.fault()) return nullptr;
    auto client = s.live.get()->find_client(id);
    if (!client)
        in.refuse("ResourceNotFoundException", fmt::format("User pool client {} does not exist.", id));
    return client;
}

refusal secret_not_verified(const app_client& client, bool given) {
    constexpr const char* refused = "NotAuthorizedException";
    if (given) return {refused, "Unable to verify secret hash for client " + client.id};
    return {refused,
            fmt::format("Client {} is configured with secret but SECRET_HASH was not received", client.id)};
}

void check_secret_hash(members& in, const client_ref& client, std::string_view username_member,
                       std::string_view member) {
    const auto username = in.optional(username_member, 128).value_or(std::string());
    const auto given = in.optional(member, 128);
    if (!client || client->accepts_hash(username, given, clock::now())) return;
    auto why = secret_not_verified(*client, given.has_value());
    in.refuse(why.type, std::move(why.message));
}

std::optional<phone_number> read_phone(members& in, std::string_view name) {
    auto phone = phone_number::parse(in.required(name, 128), in.served());
    if (!phone) in.refuse("InvalidParameterException", "Invalid phone number format.");
    return phone;
}

std::optional<http::principal> read_caller(service& s, members& in) {
    const auto token = in.required("AccessToken", 8192);
    if (in.fault()) return std::nullopt;
    auto caller = s.tokens.check(token);
    if (caller) return std::move(*caller);
    in.refuse("NotAuthorizedException",
              caller.error() == token_fault::expired ? "Access Token has expired" : "Invalid Access Token");
    return std::nullopt;
}

void check_email_offered(const service& s, members& in) {
    if (!s.how.offers_email)
        in.refuse("InvalidParameterException", "This user pool sends no e-mail, so email cannot be set.");
}

std::optional<email::address> read_email(const service& s, members& in, std::string_view value) {
    check_email_offered(s, in);
    auto address = email::address::parse(value);
    if (!address) in.refuse("InvalidParameterException", "Invalid email address format.");
    return address;
}

json_object code_delivery(const email::address& to) {
    json_object details;
    details.add("AttributeName", "email").add("DeliveryMedium", "EMAIL").add("Destination", to.masked());
    return details;
}

json_object code_delivery(const phone_number& to) {
    json_object details;
    details.add("AttributeName", "phone_number").add("DeliveryMedium", "SMS").add("Destination", to.masked());
    return details;
}

json_object authentication_result(const token_set& tokens) {
    json_object result;
    result.add("AccessToken", tokens.access).add("ExpiresIn", tokens.expires_in).add("IdToken", tokens.id);
    if (!tokens.refresh.empty()) result.add("RefreshToken", tokens.refresh.reveal());
    result.add("TokenType", "Bearer");
    return result;
}

json_object user_attributes(const person& who, const app_client* reader) {
    std::string list = "[";
    auto append = [&](std::string_view name, std::string_view value) {
        if (reader && !reader->reads(name)) return;
        json_object attribute;
        attribute.add("Name", name).add("Value", value);
        if (list.size() > 1) list += ',';
        list += attribute.text();
    };
    append("sub", who.id.to_string());
    append("phone_number", who.phone.reveal());
    append("phone_number_verified", "true");
    if (who.email) {
        append("email", who.email->reveal());
        append("email_verified", who.email_verified ? "true" : "false");
    }
    if (who.name) append("name", who.name->reveal());
    append("custom:user_type", who.user_type);
    if (who.profile_status) append("custom:profile_status", *who.profile_status);
    if (who.kyc_status) append("custom:kyc_status", *who.kyc_status);
    json_object body;
    body.add("Username", who.id.to_string()).add_raw("UserAttributes", list + ']');
    return body;
}

task<http::response> start_challenge(service& s, client_ref client, phone_number phone, session_kind kind,
                                     operation by, origin from) {
    const auto sent = co_await send_code(s, std::move(client), phone, code_purpose::sign_in, std::move(from));
    if (!sent) co_return refuse(by, sent.error());
    json_object parameters;
    parameters.add("CODE_DELIVERY_DELIVERY_MEDIUM", "SMS").add("CODE_DELIVERY_DESTINATION", phone.masked());
    json_object body;
    body.add("ChallengeName", kind == session_kind::custom ? "CUSTOM_CHALLENGE" : "SMS_OTP");
    body.add("ChallengeParameters", parameters);
    body.add("Session", session_string(s.keys, kind, *sent, hash_of(s.keys, phone)));
    co_return answer_with(body);
}

task<http::response> finish_sign_in(service& s, client_ref client, outcome<signed_in> done, operation by) {
    if (!done) co_return refuse(by, done.error());
    const auto tokens = co_await issue_tokens(s, std::move(client), std::move(*done));
    json_object body;
    body.add("AuthenticationResult", authentication_result(tokens)).add("ChallengeParameters", json_object());
    co_return answer_with(body);
}

bool is_recent(uuid challenge) {
    const auto age = clock::now() - challenge.time();
    return age >= std::chrono::seconds(-60) && age <= std::chrono::minutes(10);
}

}  // namespace astrotalk::identity::cognito
