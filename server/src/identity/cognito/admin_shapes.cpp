#include <algorithm>

#include "identity/cognito/admin.hpp"
#include "identity/cognito/second_factor.hpp"

namespace astrotalk::identity::cognito {
namespace {

constexpr std::string_view invalid = "InvalidParameterException";
constexpr std::array<std::string_view, 9> attributes_of_users = {
    "sub",
    "phone_number",
    "phone_number_verified",
    "email",
    "email_verified",
    "name",
    "custom:user_type",
    "custom:profile_status",
    "custom:kyc_status",
};

// email and email_verified; false: another attribute.
bool read_email_part(const service& s, members& in, attribute_changes& into, const std::string& name,
                     const std::string& value) {
    if (name == "email") {
        into.email.emplace();
        if (!value.empty()) *into.email = read_email(s, in, value);
        return true;
    }
    if (name != "email_verified") return false;
    if (value != "true" && value != "false") in.refuse(invalid, "email_verified must be true or false.");
    into.email_verified = value == "true";
    return true;
}

void read_one(const service& s, members& in, written_attributes& into, const std::string& name,
              const std::string& value) {
    if (name == "name") {
        if (!value.empty() && !acceptable_name(value))
            in.refuse(invalid, "Attribute value for name is not valid.");
        into.changes.name.emplace();
        if (!value.empty()) into.changes.name->emplace(value);
    } else if (name == "custom:user_type") {
        into.changes.kind = parse_user_kind(value);
        if (!into.changes.kind) in.refuse(invalid, "custom:user_type must be user or astrologer.");
    } else if (name == "phone_number") {
        into.phone = value;
    } else if (name == "phone_number_verified") {
        // Whoever uses this pool has proved their phone, or the operator vouches for it.
        if (value != "true") in.refuse(invalid, "phone_number_verified can only be true.");
    } else if (read_email_part(s, in, into.changes, name, value)) {
        return;
    } else if (name == "sub" || name.starts_with("custom:")) {
        in.refuse(invalid, fmt::format("Cannot modify an immutable attribute: {}", name));
    } else {
        in.refuse(invalid, "Attributes did not conform to the schema.");
    }
}

std::optional<std::string> value_of(const known_user& user, std::string_view name) {
    const person& who = user.who;
    if (name == "sub") return who.id.to_string();
    if (name == "phone_number") return who.phone.reveal();
    if (name == "phone_number_verified") return user.confirmed ? "true" : "false";
    if (name == "email") return who.email ? std::optional(who.email->reveal()) : std::nullopt;
    if (name == "email_verified") {
        if (!who.email) return std::nullopt;
        return who.email_verified ? "true" : "false";
    }
    if (name == "name") return who.name ? std::optional(who.name->reveal()) : std::nullopt;
    if (name == "custom:user_type") return who.user_type;
    return name == "custom:profile_status" ? who.profile_status : who.kyc_status;
}

template <class T, class F>
std::string list_of(const std::vector<T>& items, F text) {
    std::string list = "[";
    for (const auto& each : items) {
        if (list.size() > 1) list += ',';
        list += text(each);
    }
    return list + ']';
}

}  // namespace

std::span<const std::string_view> schema() { return attributes_of_users; }

void check_pool(const service& s, members& in) {
    const auto pool = in.required("UserPoolId", 55);
    if (pool != s.pool.id)
        in.refuse("ResourceNotFoundException", fmt::format("User pool {} does not exist.", pool));
}

user_name read_username(members& in) { return user_name::parse(in.required("Username", 128), in.served()); }

std::string read_group_name(members& in) {
    auto name = in.required("GroupName", 128);
    if (std::ranges::any_of(name, [](unsigned char c) { return c <= 0x20 || c == 0x7f; }))
        in.refuse(invalid, "GroupName must not hold spaces or control characters.");
    return name;
}

written_attributes read_written_attributes(const service& s, members& in) {
    written_attributes found;
    for (const auto& [name, value] : in.attributes("UserAttributes")) read_one(s, in, found, name, value);
    return found;
}

page read_page(const service& s, members& in, std::string_view token_name, std::string_view scope) {
    page which;
    if (const auto limit = in.integer("Limit", 0, 60); limit.value_or(0) > 0)
        which.most = static_cast<std::int32_t>(*limit);
    if (const auto token = in.optional(token_name)) {
        which.after = open_page_token(s.keys, scope, *token);
        if (!which.after) in.refuse(invalid, fmt::format("Invalid {}.", token_name));
    }
    return which;
}

http::response refuse(admin_error why, const service& s) {
    switch (why) {
        case admin_error::user_not_found:
            return refuse(refusal{"UserNotFoundException", "User does not exist."});
        case admin_error::username_exists:
            return refuse(refusal{"UsernameExistsException", "User account already exists"});
        case admin_error::group_not_found:
            return refuse(refusal{"ResourceNotFoundException", "Group not found."});
        case admin_error::group_exists:
            return refuse(refusal{"GroupExistsException", "A group with the name already exists."});
        case admin_error::too_many_groups:
            return refuse(refusal{"LimitExceededException",
                                  fmt::format("User pool {} has as many groups as it can.", s.pool.id)});
        case admin_error::no_factor: return refuse(no_software_token());
        case admin_error::no_email:
            return refuse(refusal{invalid, "email_verified cannot be true: the user has no email."});
        case admin_error::has_profile: break;
    }
    return refuse(refusal{invalid, "custom:user_type cannot change: the user has an astrologer's profile."});
}

http::response answer_with(const admin_outcome<void>& done, const service& s) {
    return done ? answer_with(json_object()) : refuse(done.error(), s);
}

std::int64_t epoch_seconds(instant at) {
    return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}

json_object describe(const known_user& user, std::string_view under,
                     const std::optional<std::vector<std::string>>& wanted) {
    std::vector<json_object> attributes;
    for (const auto name : attributes_of_users) {
        const auto value = value_of(user, name);
        if (!value || (wanted && std::ranges::find(*wanted, name) == wanted->end())) continue;
        attributes.push_back(json_object().add("Name", name).add("Value", *value));
    }
    json_object shape;
    shape.add("Username", user.who.id.to_string());
    shape.add_raw(under, list_of(attributes, [](const json_object& each) { return each.text(); }));
    shape.add("UserCreateDate", epoch_seconds(user.who.created_at));
    shape.add("UserLastModifiedDate", epoch_seconds(user.updated_at)).add("Enabled", user.enabled);
    shape.add("UserStatus", user.confirmed ? "CONFIRMED" : "UNCONFIRMED");
    return shape;
}

std::string describe(const std::vector<known_user>& users,
                     const std::optional<std::vector<std::string>>& wanted) {
    return list_of(users,
                   [&](const known_user& each) { return describe(each, "Attributes", wanted).text(); });
}

json_object describe(const service& s, const group& which) {
    json_object shape;
    shape.add("GroupName", which.name).add("UserPoolId", s.pool.id);
    shape.add_if("Description", which.description).add_if("Precedence", which.precedence);
    shape.add("LastModifiedDate", epoch_seconds(which.updated_at));
    shape.add("CreationDate", epoch_seconds(which.created_at));
    return shape;
}

std::string describe(const service& s, const std::vector<group>& groups) {
    return list_of(groups, [&](const group& each) { return describe(s, each).text(); });
}

}  // namespace astrotalk::identity::cognito
