#include <algorithm>
#include <boost/json.hpp>

#include "onboarding/checks.hpp"
#include "onboarding/digio.hpp"

namespace astrotalk::onboarding::digio {
namespace {

namespace json = boost::json;

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
}

std::optional<json::value> parse(std::string_view body) {
    json::error_code failed;
    json::parse_options how;
    how.max_depth = 24;
    auto document = json::parse({body.data(), body.size()}, failed, {}, how);
    if (failed) return std::nullopt;
    return document;
}

// Names of members come in either case. Null when it is not there.
const json::value* member(const json::value* of, std::string_view name) {
    if (!of || !of->is_object()) return nullptr;
    for (const auto& each : of->get_object())
        if (lower(std::string_view(each.key().data(), each.key().size())) == name) return &each.value();
    return nullptr;
}

// Empty where it is no text, or more than anybody's name.
std::string text(const json::value* of, std::string_view name) {
    const auto* found = member(of, name);
    if (!found || !found->is_string() || found->get_string().size() > 400) return {};
    return {found->get_string().data(), found->get_string().size()};
}

std::optional<double> number(const json::value* of, std::string_view name) {
    const auto* found = member(of, name);
    if (!found || !found->is_number()) return std::nullopt;
    return found->to_number<double>();
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A person's name holds no digits; so no number gets in by way of a name.
std::string name_in(const json::value* of) {
    std::string name = text(of, "name").substr(0, 200);
    std::erase_if(name, [](char c) { return is_digit(c) || (c >= 0 && c < ' '); });
    return name;
}

// "31/12/1990" as 1990-12-31; empty where it is no day.
std::string birth_date(const json::value* of) {
    const auto dmy = text(of, "dob");
    if (dmy.size() != 10 || dmy[2] != '/' || dmy[5] != '/') return {};
    auto iso = dmy.substr(6) + "-" + dmy.substr(3, 2) + "-" + dmy.substr(0, 2);
    return kyc::parse_date(iso) ? iso : std::string();
}

// Capital letters and digits, at most ten of them.
std::string pan_of(std::string_view written) {
    std::string pan;
    for (char c : written) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
        if (is_digit(c) || (c >= 'A' && c <= 'Z')) pan += c;
    }
    return pan.size() <= 10 ? pan : std::string();
}

// Of an Aadhaar number never more than the last four digits come past here.
void read_aadhaar(const json::value* from, kyc::evidence& into) {
    if (!from) return;
    const auto id = text(from, "id_number");
    std::string digits;
    std::ranges::copy_if(id, std::back_inserter(digits), is_digit);
    if (digits.size() > 4) into.aadhaar_unmasked = true;
    if (digits.size() >= 4) into.aadhaar_last4 = digits.substr(digits.size() - 4);
    std::ranges::fill(digits, '0');
    into.aadhaar_name = name_in(from);
    into.aadhaar_birth_date = birth_date(from);
}

void read_pan(const json::value* from, kyc::evidence& into, std::string_view number_name) {
    const auto pan = pan_of(text(from, number_name));
    if (pan.empty()) return;
    into.pan = pan;
    into.pan_name = name_in(from);
    into.pan_birth_date = birth_date(from);
}

// Inferred: samples show confidences of either scale.
double percent(double confidence) { return confidence <= 1 ? confidence * 100 : confidence; }

void read_face(const json::value* action, kyc::evidence& into) {
    if (lower(text(action, "face_match_status")) == "failed") into.face_failed = true;
    if (const auto confidence = number(member(action, "face_match_result"), "confidence"))
        into.face_match = std::clamp(percent(*confidence), 0.0, 100.0);
}

// Inferred: times have no zone; a sample beside stamps in UTC shows India's.
std::optional<instant> parse_time(std::string_view text) {
    if (text.size() < 19 || text[10] != ' ' || text[13] != ':' || text[16] != ':') return std::nullopt;
    const auto day = kyc::parse_date(text.substr(0, 10));
    const auto two = [&](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
    for (const std::size_t at : {11U, 12U, 14U, 15U, 17U, 18U})
        if (!is_digit(text[at])) return std::nullopt;
    if (!day || two(11) > 23 || two(14) > 59 || two(17) > 60) return std::nullopt;
    return std::chrono::sys_days(*day) + std::chrono::hours(two(11)) + std::chrono::minutes(two(14)) +
           std::chrono::seconds(two(17)) - kyc::india_offset;
}

// Inferred from the names: two_way_video is the call with an agent, and one that ended without having been
// completed, or that waits to be begun again, broke off.
bool broke_off(const json::value* action) {
    const auto type = lower(text(action, "type")), status = lower(text(action, "status"));
    if (type != "two_way_video" || !text(action, "completed_at").empty()) return false;
    return status == "terminated" || status == "failed" ||
           (status == "requested" && number(action, "retry_count").value_or(0) > 0);
}

void read_action(const json::value* action, kyc::provider_view& into) {
    const auto type = lower(text(action, "type")), status = lower(text(action, "status"));
    const bool done = status == "success" || status == "approved" || status == "approval_pending" ||
                      status == "rejected" || status == "completed";
    // What failed, wrong codes for example, was handed in; a call that broke off was not.
    if (done || (status == "failed" && !broke_off(action))) into.submitted = true;
    if (const auto at = parse_time(text(action, "completed_at")))
        into.done_at = std::max(into.done_at.value_or(*at), *at);
    if (broke_off(action)) into.call_dropped = true;
    if (done && type == "two_way_video") into.seen.video_done = true;
    const auto* details = member(action, "details");
    if (const auto* aadhaar = member(details, "aadhaar")) read_aadhaar(aadhaar, into.seen);
    if (const auto* pan = member(details, "pan")) read_pan(pan, into.seen, "id_number");
    if (const auto* read = member(action, "ocr_result"); read && type == "image" && into.seen.pan.empty())
        if (const auto pan = pan_of(text(read, "id_no")); kyc::is_personal_pan(pan))
            read_pan(read, into.seen, "id_no");
    read_face(action, into.seen);
}

}  // namespace

bool is_id(std::string_view id, std::string_view prefix) {
    return id.size() == 32 && id.starts_with(prefix) &&
           std::ranges::all_of(id, [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); });
}

std::optional<kyc::provider_view> parse_request(std::string_view body) {
    const auto document = parse(body);
    if (!document || !document->is_object()) return std::nullopt;
    kyc::provider_view view;
    view.kid = text(&*document, "id");
    if (!is_id(view.kid, "KID")) return std::nullopt;
    view.transaction_id = text(&*document, "transaction_id");
    view.status = kyc::parse_provider_status(text(&*document, "status"));
    const auto* actions = member(&*document, "actions");
    if (actions && actions->is_array())
        for (const auto& each : actions->get_array()) read_action(&each, view);
    using status = kyc::provider_status;
    if (view.status == status::approval_pending || view.status == status::approved ||
        view.status == status::rejected)
        view.submitted = true;
    return view;
}

std::optional<kyc::created_request> parse_created(std::string_view body) {
    const auto document = parse(body);
    if (!document) return std::nullopt;
    kyc::created_request made{text(&*document, "id"), std::nullopt};
    if (!is_id(made.kid, "KID")) return std::nullopt;
    const auto* token = member(&*document, "access_token");
    if (auto id = text(token, "id"); !id.empty())
        made.opens = kyc::page_token{secret(std::move(id)), parse_time(text(token, "valid_till"))};
    return made;
}

std::optional<kyc::page_token> parse_token(std::string_view body) {
    const auto document = parse(body);
    if (!document) return std::nullopt;
    const auto* token = member(&*document, "response");
    auto id = text(token, "id");
    if (id.empty()) return std::nullopt;
    return kyc::page_token{secret(std::move(id)), parse_time(text(token, "valid_till"))};
}

std::string parse_error_code(std::string_view body) {
    const auto document = parse(body);
    if (!document) return {};
    const auto* code = member(&*document, "code");
    if (code && code->is_int64()) return std::to_string(code->get_int64());
    const auto word = text(&*document, "code");
    const bool plain = word.size() <= 60 && std::ranges::all_of(word, [](char c) {
                           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
                       });
    return plain ? word : std::string();
}

hint parse_hint(std::string_view body) {
    hint found;
    const auto document = parse(body);
    if (!document) return found;
    found.event = lower(text(&*document, "event"));
    const auto* payload = member(&*document, "payload");
    if (const auto* request = member(payload, "kyc_request")) {
        found.kid = text(request, "id");
        found.transaction_id = text(request, "transaction_id");
        if (found.transaction_id.empty()) found.transaction_id = text(request, "reference_id");
    } else if (const auto* pulled = member(payload, "digilocker_request")) {
        found.kid = text(pulled, "kyc_request_id");
    } else if (const auto* action = member(payload, "kyc_action")) {
        found.kid = text(action, "kyc_request_id");  // inferred, by what is sent of documents
    }
    if (!is_id(found.kid, "KID")) found.kid.clear();
    return found;
}

}  // namespace astrotalk::onboarding::digio
