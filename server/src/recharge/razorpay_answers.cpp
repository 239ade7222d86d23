#include <algorithm>
#include <boost/json.hpp>

#include "recharge/razorpay.hpp"

namespace astrotalk::recharge::razorpay {
namespace {

namespace json = boost::json;

std::optional<json::object> parse(std::string_view body) {
    json::error_code failed;
    json::parse_options how;
    how.max_depth = 24;
    auto document = json::parse({body.data(), body.size()}, failed, {}, how);
    if (failed || !document.is_object()) return std::nullopt;
    return std::move(document.get_object());
}

// Empty where it is no text, or a longer one than any name of theirs.
std::string text(const json::object& of, std::string_view name) {
    const auto* found = of.if_contains({name.data(), name.size()});
    if (!found || !found->is_string() || found->get_string().size() > 200) return {};
    return {found->get_string().data(), found->get_string().size()};
}

std::optional<std::int64_t> number(const json::object& of, std::string_view name) {
    const auto* found = of.if_contains({name.data(), name.size()});
    if (!found || !found->is_int64()) return std::nullopt;
    return found->get_int64();
}

const json::object* member(const json::object* of, std::string_view name) {
    const auto* found = of ? of->if_contains({name.data(), name.size()}) : nullptr;
    return found ? found->if_object() : nullptr;
}

const json::array* items(const json::object& of) {
    const auto* found = of.if_contains("items");
    return found ? found->if_array() : nullptr;
}

std::optional<payment_status> status_of(std::string_view word) {
    if (word == "created") return payment_status::created;
    if (word == "authorized") return payment_status::authorized;
    if (word == "captured") return payment_status::captured;
    if (word == "refunded") return payment_status::refunded;
    if (word == "failed") return payment_status::failed;
    return std::nullopt;
}

// Capital letters and underscores, as they write their codes; nothing else gets into our tables and logs.
std::string code_in(std::string word, std::string_view fallback = {}) {
    const bool plain = word.size() <= 60 && std::ranges::all_of(word, [](char c) {
                           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
                       });
    return plain ? word : std::string(fallback);
}

std::optional<seen_payment> payment_in(const json::object& of) {
    const auto status = status_of(text(of, "status"));
    const auto amount = number(of, "amount");
    seen_payment seen;
    seen.id = text(of, "id");
    seen.currency = text(of, "currency");
    seen.method = code_in(text(of, "method"), "other");
    const bool known_currency = seen.currency.size() == 3 && std::ranges::all_of(seen.currency, [](char c) {
                                    return c >= 'A' && c <= 'Z';
                                });
    if (!is_id(seen.id, "pay") || !status || !amount || *amount <= 0 || !known_currency) return std::nullopt;
    seen.amount = money{*amount};
    seen.fee = money{std::clamp(number(of, "fee").value_or(0), std::int64_t{0}, *amount)};
    seen.status = *status;
    if (seen.status == payment_status::failed) seen.error_code = code_in(text(of, "error_code"), "OTHER");
    return seen;
}

}  // namespace

bool is_id(std::string_view id, std::string_view prefix) {
    if (!id.starts_with(prefix) || id.size() < prefix.size() + 2 || id[prefix.size()] != '_') return false;
    const auto rest = id.substr(prefix.size() + 1);
    return rest.size() <= 40 && std::ranges::all_of(rest, [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
           });
}

std::optional<std::string> parse_order(std::string_view body, std::string_view receipt) {
    const auto document = parse(body);
    if (!document || text(*document, "receipt") != receipt) return std::nullopt;
    auto id = text(*document, "id");
    if (!is_id(id, "order")) return std::nullopt;
    return id;
}

std::optional<std::string> parse_orders(std::string_view body, std::string_view receipt) {
    const auto document = parse(body);
    const auto* all = document ? items(*document) : nullptr;
    if (!all) return std::nullopt;
    for (const auto& each : *all) {
        const auto* order = each.if_object();
        if (!order || text(*order, "receipt") != receipt) continue;
        if (auto id = text(*order, "id"); is_id(id, "order")) return id;
    }
    return std::string();
}

std::optional<std::vector<seen_payment>> parse_payments(std::string_view body, std::string_view order_id) {
    const auto document = parse(body);
    const auto* all = document ? items(*document) : nullptr;
    if (!all) return std::nullopt;
    std::vector<seen_payment> seen;
    for (const auto& each : *all) {
        const auto* entity = each.if_object();
        auto payment = entity ? payment_in(*entity) : std::nullopt;
        // One that cannot be read may be the one that counts.
        if (!payment || text(*entity, "order_id") != order_id) return std::nullopt;
        seen.push_back(std::move(*payment));
    }
    return seen;
}

std::optional<seen_payment> parse_payment(std::string_view body) {
    const auto document = parse(body);
    return document ? payment_in(*document) : std::nullopt;
}

std::optional<seen_refund> parse_refund(std::string_view body) {
    const auto document = parse(body);
    if (!document) return std::nullopt;
    seen_refund seen{.id = text(*document, "id")};
    const auto status = text(*document, "status");
    if (!is_id(seen.id, "rfnd")) return std::nullopt;
    if (status == "processed")
        seen.status = seen_refund::standing::processed;
    else if (status == "failed")
        seen.status = seen_refund::standing::failed;
    else if (status != "pending")
        return std::nullopt;
    return seen;
}

std::string parse_error_code(std::string_view body) {
    const auto document = parse(body);
    const auto* error = document ? member(&*document, "error") : nullptr;
    return error ? code_in(text(*error, "code")) : std::string();
}

hint parse_hint(std::string_view body) {
    hint found;
    const auto document = parse(body);
    if (!document) return found;
    found.event = text(*document, "event");
    const auto* payload = member(&*document, "payload");
    const auto entity = [&](std::string_view of) { return member(member(payload, of), "entity"); };
    if (const auto* order = entity("order")) found.order_id = text(*order, "id");
    if (const auto* payment = entity("payment"); payment && found.order_id.empty())
        found.order_id = text(*payment, "order_id");
    if (const auto* refund = entity("refund")) found.refund_id = text(*refund, "id");
    if (!is_id(found.order_id, "order")) found.order_id.clear();
    if (!is_id(found.refund_id, "rfnd")) found.refund_id.clear();
    return found;
}

}  // namespace astrotalk::recharge::razorpay
