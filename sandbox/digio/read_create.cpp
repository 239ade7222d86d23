#include "digio/read_create.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "digio/templates.hpp"

namespace sandbox::digio {
namespace {

namespace json = boost::json;

bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Members of one object, with the first fault that was met.
class reader {
  public:
    explicit reader(const json::object& from) : from_(from) {}

    std::string text(std::string_view name) {
        const auto* value = from_.if_contains(name);
        if (!value || value->is_null()) return {};
        if (const auto* found = value->if_string()) return {found->data(), found->size()};
        fault(name, "must be a string");
        return {};
    }
    bool flag(std::string_view name) {
        const auto* value = from_.if_contains(name);
        if (!value || value->is_null()) return false;
        if (const auto* found = value->if_bool()) return *found;
        fault(name, "must be a boolean");
        return false;
    }
    std::int64_t number(std::string_view name, std::int64_t fallback, std::int64_t low, std::int64_t high) {
        const auto* value = from_.if_contains(name);
        if (!value || value->is_null()) return fallback;
        const auto* found = value->if_int64();
        if (found && *found >= low && *found <= high) return *found;
        fault(name, fmt::format("must be a number from {} to {}", low, high));
        return fallback;
    }
    void fault(std::string_view name, std::string_view what) {
        if (fault_.empty()) fault_ = fmt::format("{} {}", name, what);
    }
    const std::string& first_fault() const { return fault_; }
    const json::object& object() const { return from_; }

  private:
    const json::object& from_;
    std::string fault_;
};

bool is_mobile(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    return text.size() >= 10 && text.size() <= 15 && std::ranges::all_of(text, is_digit);
}

bool is_email(std::string_view text) {
    const auto at = text.find('@');
    return at != std::string_view::npos && at > 0 && text.find('.', at) != std::string_view::npos &&
           text.size() <= 254 && text.find_first_of(" <>\"") == std::string_view::npos;
}

bool is_reference(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-' || c == '/'; });
}

bool is_name(std::string_view text) {
    return text.size() <= 100 && std::ranges::all_of(text, [](char c) {
               return is_letter_or_digit(c) || c == '.' || c == ' ' || (c >= '\t' && c <= '\r');
           });
}

void read_customer(reader& in, request& into) {
    into.identifier = in.text("customer_identifier");
    if (into.identifier.empty())
        in.fault("customer_identifier", "is mandatory");
    else if (!is_mobile(into.identifier) && !is_email(into.identifier))
        in.fault("customer_identifier", "must be an email or a mobile number");
    into.name = in.text("customer_name");
    if (!is_name(into.name)) in.fault("customer_name", "may have 100 of 0-9, A-Z, a-z, spaces and dots");
    into.reference_id = in.text("reference_id");
    if (!is_reference(into.reference_id)) in.fault("reference_id", "may have 0-9, A-Z, a-z, _, - and /");
    into.transaction_id = in.text("transaction_id");
    if (!is_reference(into.transaction_id)) in.fault("transaction_id", "may have 0-9, A-Z, a-z, _, - and /");
    into.expire_in_days = static_cast<int>(in.number("expire_in_days", 10, 1, 90));
    const auto mode = in.text("customer_notification_mode");
    if (!mode.empty() && mode != "SMS" && mode != "WHATSAPP" && mode != "ALL")
        in.fault("customer_notification_mode", "must be SMS, WHATSAPP or ALL");
}

std::optional<refusal> read_template(reader& in, request& into) {
    const auto name = in.text("template_name"), id = in.text("template_id");
    if (name.empty() && id.empty())
        return refusal{400, "BAD_REQUEST", "Either of Template Name or Template Id is mandatory"};
    const auto* found = find_workflow(name, id);
    if (!found) return refusal{404, "TEMPLATE_NOT_FOUND", "Template not found"};
    into.workflow = found->name;
    into.template_id = found->id;
    into.actions = actions_of(*found);
    return std::nullopt;
}

std::optional<kind> kind_named(std::string name) {
    for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    for (const auto each : {kind::digilocker, kind::selfie, kind::two_way_video})
        if (name == name_of(each)) return each;
    return std::nullopt;
}

// `face_match_obj_type` and the like come in capitals here and go out in small letters.
std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
}

void read_actions(reader& in, request& into) {
    const auto* value = in.object().if_contains("actions");
    const auto* list = value ? value->if_array() : nullptr;
    if (!list || list->empty() || list->size() > 10) {
        in.fault("actions", "must be a list of 1 to 10 actions");
        return;
    }
    for (const auto& each : *list) {
        const auto* object = each.if_object();
        if (!object) return in.fault("actions", "must be objects");
        reader part(*object);
        const auto type = kind_named(part.text("type"));
        if (!type) return in.fault("actions", "have a type that this account does not offer");
        action made{.title = part.text("title"), .type = *type};
        made.optional = part.flag("optional");
        if (*type == kind::selfie) made.geo_id = "wanted";
        const auto match = lower(part.text("face_match_obj_type"));
        if (!match.empty()) made.face_match = match;
        const auto same = std::ranges::count(into.actions, *type, &action::type);
        made.ref = fmt::format("{}-{}", name_of(*type), same + 1);
        if (!part.first_fault().empty()) return in.fault("actions", part.first_fault());
        into.actions.push_back(std::move(made));
    }
}

}  // namespace

boost::system::result<creation, refusal> read_create(std::string_view body, bool inline_actions) {
    boost::system::error_code failed;
    const auto parsed = json::parse({body.data(), body.size()}, failed);
    if (failed || !parsed.is_object())
        return refusal{400, "BAD_REQUEST", "The request body is not a JSON object"};
    reader in(parsed.get_object());
    creation made;
    read_customer(in, made.asked);
    if (inline_actions)
        read_actions(in, made.asked);
    else if (auto refused = read_template(in, made.asked))
        return std::move(*refused);
    made.access_token = in.flag("generate_access_token");
    made.notify = in.flag("notify_customer");
    if (!in.first_fault().empty()) return refusal{400, "BAD_REQUEST", in.first_fault()};
    return made;
}

}  // namespace sandbox::digio
