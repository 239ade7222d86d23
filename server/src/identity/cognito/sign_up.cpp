#include "identity/cognito/protocol.hpp"

namespace astrotalk::identity::cognito {
namespace {

// The pool's own attributes, and whatever looks like one of them. Of others, the schema knows nothing.
bool is_attribute(std::string_view name) {
    return name == "sub" || name == "name" || name == "phone_number" || name == "phone_number_verified" ||
           name == "email" || name == "email_verified" || name.starts_with("custom:");
}

// What a client may write. Everything custom but the user type is granted by staff or by KYC, through no door
// of this kind.
void read_attributes(const service& s, members& in, const app_client& client, sign_up_request& request) {
    for (const auto& [name, value] : in.attributes("UserAttributes")) {
        if (is_attribute(name) && !client.writes(name)) {
            in.refuse("NotAuthorizedException", "A client attempted to write unauthorized attribute");
        } else if (name == "custom:user_type") {
            const auto kind = parse_user_kind(value);
            if (!kind) in.refuse("InvalidParameterException", "custom:user_type must be user or astrologer.");
            request.kind = kind.value_or(user_kind::user);
        } else if (name == "phone_number") {
            const auto phone = phone_number::parse(value, in.served());
            if (!phone || phone->reveal() != request.phone.reveal())
                in.refuse("InvalidParameterException", "phone_number must be the username.");
        } else if (name == "name") {
            if (!acceptable_name(value))
                in.refuse("InvalidParameterException", "Attribute value for name is not valid.");
            request.name = personal(value);
        } else if (name == "email") {
            request.email = read_email(s, in, value);
        } else {
            in.refuse("InvalidParameterException", "Attributes did not conform to the schema.");
        }
    }
}

}  // namespace

// The pool has no passwords: one that older clients must send is not read.
task<http::response> sign_up(service& s, members& in, const std::string& request_id) {
    const auto client = check_client(s, in);
    check_secret_hash(in, client, "Username", "SecretHash");
    const auto phone = read_phone(in, "Username");
    if (in.fault()) co_return refuse(*in.fault());
    sign_up_request request{.phone = *phone, .name = {}, .request_id = request_id, .from = in.sender()};
    read_attributes(s, in, *client, request);
    if (in.fault()) co_return refuse(*in.fault());

    const auto done = co_await identity::sign_up(s, client, std::move(request));
    if (!done) co_return refuse(operation::sign_up, done.error());
    json_object body;
    body.add("UserConfirmed", false).add("UserSub", done->id.to_string());
    body.add("CodeDeliveryDetails", code_delivery(*phone));
    body.add("Session",
             session_string(s.keys, session_kind::sign_up, done->challenge, hash_of(s.keys, *phone)));
    co_return answer_with(body);
}

}  // namespace astrotalk::identity::cognito
