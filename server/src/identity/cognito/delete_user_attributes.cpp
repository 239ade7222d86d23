#include <algorithm>

#include "identity/cognito/account.hpp"

namespace astrotalk::identity::cognito {

// Those that somebody may be without.
task<http::response> delete_user_attributes(service& s, members& in, const std::string& request_id) {
    constexpr std::string_view invalid = "InvalidParameterException";
    const auto caller = check_caller(s, in);
    const auto names = in.strings("UserAttributeNames", 32).value_or(std::vector<std::string>());
    if (names.empty()) in.refuse(invalid, "UserAttributeNames must hold an attribute.");
    for (const auto& name : names) {
        if (name == "phone_number" || name == "sub")
            in.refuse(invalid, fmt::format("Cannot delete a required attribute: {}", name));
        else if (name.starts_with("custom:") || name.ends_with("_verified") ||
                 (caller && !caller->client->writes(name)))
            in.refuse("NotAuthorizedException", "A client attempted to write unauthorized attribute");
    }
    if (in.fault()) co_return refuse(*in.fault());

    const auto named = [&](std::string_view name) { return std::ranges::find(names, name) != names.end(); };
    account_outcome<void> done;
    if (named("name")) done = co_await change_name(s, caller->who, std::nullopt, request_id);
    if (done && named("email")) done = co_await remove_email(s, caller->who, request_id);
    co_return done ? answer_with(json_object()) : refuse(done.error());
}

}  // namespace astrotalk::identity::cognito
