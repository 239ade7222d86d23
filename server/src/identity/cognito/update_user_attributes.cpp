#include "identity/cognito/account.hpp"

namespace astrotalk::identity::cognito {
namespace {

constexpr std::string_view invalid = "InvalidParameterException";

struct wanted {
    std::optional<std::optional<personal>> name;  // nothing inside: none from now on
    std::optional<phone_number> phone;
};

void read_one(members& in, const app_client& client, wanted& into, const std::string& name,
              const std::string& value) {
    // What a user is was chosen at sign-up; the rest of it is staff's and KYC's to say.
    if (name == "sub" || name == "phone_number_verified" || name.starts_with("custom:") ||
        !client.writes(name)) {
        in.refuse("NotAuthorizedException", "A client attempted to write unauthorized attribute");
    } else if (name == "name") {
        if (!value.empty() && !acceptable_name(value))
            in.refuse(invalid, "Attribute value for name is not valid.");
        into.name.emplace();
        if (!value.empty()) into.name->emplace(value);
    } else if (name == "phone_number") {
        into.phone = phone_number::parse(value, in.served());
        if (!into.phone) in.refuse(invalid, "Invalid phone number format.");
    } else {
        in.refuse(invalid, "Attributes did not conform to the schema.");
    }
}

}  // namespace

// The phone first: when its code cannot be sent, nothing was changed.
task<http::response> update_user_attributes(service& s, members& in, const std::string& request_id) {
    const auto caller = check_caller(s, in);
    wanted asked;
    const auto given = in.attributes("UserAttributes");
    if (given.empty()) in.refuse(invalid, "UserAttributes must hold an attribute.");
    if (caller)
        for (const auto& [name, value] : given) read_one(in, *caller->client, asked, name, value);
    if (in.fault()) co_return refuse(*in.fault());

    std::string deliveries = "[]";
    if (asked.phone) {
        const auto sent = co_await change_phone(s, caller->client, caller->who, *asked.phone, in.sender());
        if (!sent && sent.error() != account_error::unchanged) co_return refuse(sent.error());
        if (sent) deliveries = '[' + code_delivery(*asked.phone).text() + ']';
    }
    if (asked.name) {
        const auto changed = co_await change_name(s, caller->who, *asked.name, request_id);
        if (!changed) co_return refuse(changed.error());
    }
    co_return answer_with(json_object().add_raw("CodeDeliveryDetailsList", deliveries));
}

}  // namespace astrotalk::identity::cognito
