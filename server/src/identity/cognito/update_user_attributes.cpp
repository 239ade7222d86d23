#include "identity/cognito/account.hpp"

namespace astrotalk::identity::cognito {
namespace {

constexpr std::string_view invalid = "InvalidParameterException";

struct wanted {
    std::optional<std::optional<personal>> name;  // nothing inside: none from now on
    std::optional<std::optional<email::address>> email;
    std::optional<phone_number> phone;
};

void read_one(const service& s, members& in, const app_client& client, wanted& into, const std::string& name,
              const std::string& value) {
    if (name.starts_with("custom:") && std::ranges::find(schema(), name) == schema().end()) {
        in.refuse(invalid, fmt::format("{}: Attribute does not exist in the schema.", name));
        // What a user is was chosen at sign-up; the rest of it is staff's and KYC's to say.
    } else if (name == "sub" || name.ends_with("_verified") || name.starts_with("custom:") ||
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
    } else if (name == "email") {
        into.email.emplace();
        if (!value.empty()) *into.email = read_email(s, in, value);
    } else {
        in.refuse(invalid, "Attributes did not conform to the schema.");
    }
}

// Each attribute that waits for its code gives a delivery. The refusal, or nothing.
task<std::optional<http::response>> change_all(service& s, const signed_in_caller& caller,
                                               const wanted& asked, origin from, std::string request_id,
                                               std::vector<std::string>& deliveries) {
    if (asked.phone) {
        const auto sent = co_await change_phone(s, caller.client, caller.who, *asked.phone, std::move(from));
        if (!sent && sent.error() != account_error::unchanged) co_return refuse(sent.error());
        if (sent) deliveries.push_back(code_delivery(*asked.phone).text());
    }
    if (asked.email && *asked.email) {
        const auto sent = co_await change_email(s, caller.who, **asked.email);
        if (!sent && sent.error() != account_error::unchanged) co_return refuse(sent.error());
        if (sent) deliveries.push_back(code_delivery(**asked.email).text());
    } else if (asked.email) {
        const auto removed = co_await remove_email(s, caller.who, request_id);
        if (!removed) co_return refuse(removed.error());
    }
    if (asked.name) {
        const auto changed = co_await change_name(s, caller.who, *asked.name, request_id);
        if (!changed) co_return refuse(changed.error());
    }
    co_return std::nullopt;
}

}  // namespace

// What a code is sent for comes first: when one cannot be sent, no attribute was changed.
task<http::response> update_user_attributes(service& s, members& in, const std::string& request_id) {
    const auto caller = check_caller(s, in);
    wanted asked;
    const auto given = in.attributes("UserAttributes");
    if (given.empty()) in.refuse(invalid, "UserAttributes must hold an attribute.");
    if (caller)
        for (const auto& [name, value] : given) read_one(s, in, *caller->client, asked, name, value);
    if (in.fault()) co_return refuse(*in.fault());

    std::vector<std::string> deliveries;
    auto refused = co_await change_all(s, *caller, asked, in.sender(), request_id, deliveries);
    if (refused) co_return std::move(*refused);
    co_return answer_with(
        json_object().add_raw("CodeDeliveryDetailsList", fmt::format("[{}]", fmt::join(deliveries, ","))));
}

}  // namespace astrotalk::identity::cognito
