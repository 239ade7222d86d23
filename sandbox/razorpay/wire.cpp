#include "razorpay/wire.hpp"

#include <array>

namespace sandbox::razorpay {

namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

std::int64_t unix_time(astrotalk::instant at) {
    return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
}

json::value notes_of(const std::string& notes) {
    return notes.empty() ? json::value(json::array()) : json::parse(notes);
}

}  // namespace

json::object to_json(const order& o) {
    return {{"id", o.id},
            {"entity", "order"},
            {"amount", o.amount},
            {"amount_paid", o.amount_paid},
            {"amount_due", o.amount - o.amount_paid},
            {"currency", o.currency},
            {"receipt", text_or_null(o.receipt)},
            {"offer_id", nullptr},
            {"status", o.status},
            {"attempts", o.attempts},
            {"notes", notes_of(o.notes)},
            {"created_at", unix_time(o.created)}};
}

json::object to_json(const payment& p) {
    const bool taken = p.status == "captured" || p.status == "refunded";
    return {
        {"id", p.id},
        {"entity", "payment"},
        {"amount", p.amount},
        {"currency", p.currency},
        {"status", p.status},
        {"order_id", p.order_id},
        {"invoice_id", nullptr},
        {"international", false},
        {"method", p.method},
        {"amount_refunded", p.refunded},
        {"refund_status", p.refunded == 0          ? json::value(nullptr)
                          : p.refunded == p.amount ? json::value("full")
                                                   : json::value("partial")},
        {"captured", taken},
        {"description", nullptr},
        {"card_id", nullptr},
        {"bank", nullptr},
        {"wallet", nullptr},
        {"vpa", text_or_null(p.vpa)},
        {"email", "void@razorpay.com"},
        {"contact", "+919999999999"},
        {"notes", json::array()},
        {"fee", taken ? json::value(p.fee) : json::value(nullptr)},
        {"tax", taken ? json::value(p.tax) : json::value(nullptr)},
        {"error_code", text_or_null(p.error_code)},
        {"error_description", text_or_null(p.error_description)},
        {"error_source", p.error_code.empty() ? json::value(nullptr) : json::value("customer")},
        {"error_step", p.error_code.empty() ? json::value(nullptr) : json::value("payment_authentication")},
        {"error_reason", text_or_null(p.error_reason)},
        {"acquirer_data", json::object()},
        {"created_at", unix_time(p.created)}};
}

json::object to_json(const refund& r) {
    return {{"id", r.id},
            {"entity", "refund"},
            {"amount", r.amount},
            {"currency", "INR"},
            {"payment_id", r.payment_id},
            {"notes", json::array()},
            {"receipt", text_or_null(r.receipt)},
            {"acquirer_data", json::object()},
            {"created_at", unix_time(r.created)},
            {"batch_id", nullptr},
            {"status", r.status},
            {"speed_processed", "normal"},
            {"speed_requested", "normal"}};
}

json::object collection(json::array items) {
    const auto count = items.size();
    return {{"entity", "collection"}, {"count", count}, {"items", std::move(items)}};
}

std::string error_json(int status, std::string_view description, std::string_view field) {
    const auto* code = status >= 500 ? (status == 502 || status == 504 ? "GATEWAY_ERROR" : "SERVER_ERROR")
                                     : "BAD_REQUEST_ERROR";
    json::object error{{"code", code},
                       {"description", std::string(description)},
                       {"source", status >= 500 ? "internal" : "business"},
                       {"step", "payment_initiation"},
                       {"reason", status >= 500 ? "server_error" : "input_validation_failed"},
                       {"metadata", json::object()}};
    if (!field.empty()) error["field"] = std::string(field);
    return json::serialize(json::object{{"error", std::move(error)}});
}

std::string envelope(std::string_view, std::string_view event, std::string_view payload,
                     astrotalk::instant created) {
    auto inside = json::parse({payload.data(), payload.size()}).as_object();
    json::array contains;
    for (const auto& [name, value] : inside) contains.push_back(json::value(name));
    return json::serialize(json::object{{"entity", "event"},
                                        {"account_id", "acc_SandboxAccount"},
                                        {"event", std::string(event)},
                                        {"contains", std::move(contains)},
                                        {"payload", std::move(inside)},
                                        {"created_at", unix_time(created)}});
}

webhook_manner::headers headers_of(const astrotalk::secret& key, std::string_view body, std::string_view id) {
    return {{"X-Razorpay-Signature", checksum(key, body)}, {"x-razorpay-event-id", std::string(id)}};
}

std::optional<std::chrono::seconds> pause_before(int attempt) {
    constexpr std::array<std::chrono::seconds, 12> pauses{0s,    1s, 5s, 30s, 2min, 10min,
                                                          30min, 1h, 2h, 4h,  8h,   8h};
    if (attempt < 1 || attempt > static_cast<int>(pauses.size())) return std::nullopt;
    return pauses[static_cast<std::size_t>(attempt - 1)];
}

}  // namespace sandbox::razorpay
