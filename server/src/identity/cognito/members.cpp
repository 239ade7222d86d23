#include <algorithm>
#include <boost/json.hpp>

#include "identity/cognito/protocol.hpp"

namespace astrotalk::identity::cognito {
namespace {

constexpr std::string_view invalid = "InvalidParameterException";

// AWS's wording of a broken constraint, without the value.
std::string broken(std::string_view name, std::string_view rule) {
    std::string member(name);
    if (!member.empty() && member[0] >= 'A' && member[0] <= 'Z')
        member[0] = static_cast<char>(member[0] + 32);
    return fmt::format("1 validation error detected: Value at '{}' failed to satisfy constraint: {}", member,
                       rule);
}

// The device's name in what Amplify collects: base64 of {"payload": JSON text}, and in that
// contextData.DeviceId, random and kept by the app. Empty when it is none of that. Observed, not documented.
std::string device_in(std::string_view encoded) {
    const auto outer = crypto::base64_decode(encoded);
    if (!outer) return {};
    boost::system::error_code failed;
    const auto document = boost::json::parse(crypto::to_text(*outer), failed);
    const auto* payload =
        failed || !document.is_object() ? nullptr : document.get_object().if_contains("payload");
    if (!payload || !payload->is_string()) return {};
    const auto inner = boost::json::parse(payload->get_string(), failed);
    const auto* context =
        failed || !inner.is_object() ? nullptr : inner.get_object().if_contains("contextData");
    const auto* device =
        context && context->is_object() ? context->get_object().if_contains("DeviceId") : nullptr;
    return device && device->is_string() ? std::string(device->get_string()) : std::string();
}

}  // namespace

origin members::sender() const {
    origin from = sender_;
    const auto* context = from_ ? from_->if_contains("UserContextData") : nullptr;
    const auto* encoded =
        context && context->is_object() ? context->get_object().if_contains("EncodedData") : nullptr;
    if (from.device.empty() && encoded && encoded->is_string() && encoded->get_string().size() <= 16'384)
        from.device = device_in(encoded->get_string());
    if (!is_device(from.device)) from.device.clear();
    return from;
}

void members::refuse(std::string_view type, std::string message) {
    if (!*fault_) *fault_ = refusal{type, std::move(message)};
}

std::optional<std::string> members::read(std::string_view name, bounds length, bool must) {
    const auto* value = from_ ? from_->if_contains(name) : nullptr;
    if (!value || value->is_null()) {
        if (must)
            refuse(invalid, of_map_ ? fmt::format("Missing required parameter {}", name)
                                    : broken(name, "Member must not be null"));
        return std::nullopt;
    }
    if (!value->is_string()) {
        refuse("SerializationException", fmt::format("{} must be a string", name));
        return std::nullopt;
    }
    const auto& text = value->get_string();
    if (text.size() < length.least || text.size() > length.most) {
        const bool more = text.size() > length.most;
        refuse(invalid,
               broken(name, fmt::format("Member must have length {} than or equal to {}",
                                        more ? "less" : "greater", more ? length.most : length.least)));
        return std::nullopt;
    }
    return std::string(text);
}

std::string members::required(std::string_view name, std::size_t longest) {
    return read(name, {1, longest}, true).value_or(std::string());
}

std::optional<std::string> members::optional(std::string_view name, std::size_t longest) {
    return read(name, {1, longest}, false);
}

std::string members::text(std::string_view name, std::size_t longest) {
    return read(name, {0, longest}, false).value_or(std::string());
}

bool members::has(std::string_view name) const {
    const auto* value = from_ ? from_->if_contains(name) : nullptr;
    return value && !value->is_null();
}

members members::nested(std::string_view name) {
    const auto* value = from_ ? from_->if_contains(name) : nullptr;
    if (value && !value->is_null() && !value->is_object())
        refuse("SerializationException", fmt::format("{} must be a map", name));
    return members(value && value->is_object() ? &value->get_object() : nullptr, *this, true);
}

std::vector<std::pair<std::string, std::string>> members::attributes(std::string_view name) {
    std::vector<std::pair<std::string, std::string>> list;
    const auto* value = from_ ? from_->if_contains(name) : nullptr;
    if (!value || value->is_null()) return list;
    if (!value->is_array() || value->get_array().size() > 50) {
        refuse("SerializationException", fmt::format("{} must be a list", name));
        return list;
    }
    for (const auto& each : value->get_array()) {
        if (!each.is_object()) {
            refuse("SerializationException", fmt::format("{} must hold attributes", name));
            return list;
        }
        members attribute(&each.get_object(), *this, false);
        auto key = attribute.required("Name", 32);
        // An empty value is one: an attribute is taken away with it.
        const auto* given = each.get_object().if_contains("Value");
        const bool empty = given && given->is_string() && given->get_string().empty();
        auto text = empty ? std::string() : attribute.optional("Value").value_or(std::string());
        list.emplace_back(std::move(key), std::move(text));
    }
    return list;
}

std::optional<std::int64_t> members::integer(std::string_view name, std::int64_t low, std::int64_t high) {
    const auto* value = from_ ? from_->if_contains(name) : nullptr;
    if (!value || value->is_null()) return std::nullopt;
    if (!value->is_int64()) {
        refuse("SerializationException", fmt::format("{} must be an integer", name));
        return std::nullopt;
    }
    if (value->get_int64() < low || value->get_int64() > high)
        refuse(invalid, broken(name, fmt::format("Member must be between {} and {}", low, high)));
    return value->get_int64();
}

std::optional<bool> members::boolean(std::string_view name) {
    const auto* value = from_ ? from_->if_contains(name) : nullptr;
    if (!value || value->is_null()) return std::nullopt;
    if (!value->is_bool()) {
        refuse("SerializationException", fmt::format("{} must be a boolean", name));
        return std::nullopt;
    }
    return value->get_bool();
}

std::optional<std::vector<std::string>> members::strings(std::string_view name, std::size_t most) {
    const auto* value = from_ ? from_->if_contains(name) : nullptr;
    if (!value || value->is_null()) return std::nullopt;
    std::vector<std::string> list;
    const bool listed = value->is_array() && value->get_array().size() <= most;
    if (!listed) refuse("SerializationException", fmt::format("{} must be a list", name));
    for (std::size_t i = 0; listed && i < value->get_array().size(); ++i) {
        const auto& each = value->get_array()[i];
        if (each.is_string())
            list.emplace_back(each.get_string());
        else
            refuse("SerializationException", fmt::format("{} must hold strings", name));
    }
    return list;
}

std::optional<boost::json::object> parse_body(std::string_view body) {
    boost::system::error_code failed;
    auto document = boost::json::parse({body.data(), body.size()}, failed);
    if (failed || !document.is_object()) return std::nullopt;
    return std::move(document.get_object());
}

}  // namespace astrotalk::identity::cognito
