#include "digio/wire.hpp"

#include <boost/json.hpp>

#include "crypto/crypto.hpp"
#include "digio/ids.hpp"
#include "digio/media.hpp"

namespace sandbox::digio {
namespace {

namespace json = boost::json;

json::object address_of(const person& who) {
    return {{"address", who.house + ", " + who.locality},
            {"locality_or_post_office", who.locality},
            {"district_or_city", who.district},
            {"state", who.state},
            {"pincode", who.pincode}};
}

std::string one_line(const person& who) {
    return who.house + ", " + who.locality + ", " + who.district + ", " + who.state + " " + who.pincode;
}

json::object documents_of(const request& r, const action& a) {
    const auto& who = r.who;
    json::object aadhaar{{"id_number", masked_aadhaar(who)},
                         {"document_type", "AADHAAR"},
                         {"id_proof_type", "ID_AND_ADDRESS_PROOF"},
                         {"name", who.name_on_aadhaar},
                         {"dob", as_date_of_birth(who.date_of_birth)},
                         {"gender", who.gender},
                         {"image", astrotalk::crypto::base64_encode(portrait_png(who, 0))},
                         {"current_address", one_line(who)},
                         {"permanent_address", one_line(who)},
                         {"current_address_details", address_of(who)},
                         {"permanent_address_details", address_of(who)},
                         {"last_refresh_date", time_in_india(*a.completed)}};
    json::object pan{{"id_number", who.pan},
                     {"document_type", "PAN"},
                     {"id_proof_type", "ID_PROOF"},
                     {"name", who.name_on_pan},
                     {"dob", as_date_of_birth(who.date_of_birth_on_pan)}};
    return {{"aadhaar", std::move(aadhaar)}, {"pan", std::move(pan)}};
}

json::object call_of(const action& a) {
    const auto length = std::chrono::duration_cast<std::chrono::seconds>(a.call.ended - a.call.joins);
    return {{"agent_name", a.call.agent},
            {"agent_identifier", a.call.agent_id},
            {"call_started_at", time_in_india(a.call.joins)},
            {"call_ended_at", time_in_india(a.call.ended)},
            {"call_duration", length.count()},
            {"agent_decision", a.call.verdict == "reject" ? "rejected" : "approved"},
            {"agent_remarks", a.call.reason}};
}

json::object geo_tag(const action& a) {
    json::object tag{{"id", a.geo_id},
                     {"type", "GEO_TAGGING"},
                     {"status", name_of(a.now)},
                     {"sub_action_ref", "geo"},
                     {"actioner", "USER"},
                     {"optional", false},
                     {"input_data", json::object()}};
    if (a.where)
        tag["details"] = {{"latitude", a.where->latitude},
                          {"longitude", a.where->longitude},
                          {"accuracy", 25},
                          {"address", a.where->address}};
    return tag;
}

json::object action_of(const request& r, const action& a) {
    const bool done = a.completed.has_value() && a.now != state::skipped;
    json::object made{
        {"id", a.id},
        {"action_ref", a.ref},
        {"type", name_of(a.type)},
        {"status", name_of(a.now)},
        {"execution_request_id", a.execution_id},
        {"optional", a.optional},
        {"processing_done", done},
        {"retry_count", a.retries},
        {"face_match_obj_type", a.face_match},
        {"face_match_status", a.confidence             ? "done"
                              : a.face_match == "none" ? "na"
                                                       : "new"},
        {"obj_analysis_status", "na"},
        {"rules_data", {{"approval_rule", json::array()}, {"strict_validation_types", json::array()}}}};
    if (!a.title.empty()) made["title"] = a.title;
    if (a.type == kind::two_way_video || a.type == kind::selfie) made["method"] = "otp_none";
    if (!a.reason.empty()) made["error_message"] = a.reason;
    if (a.completed) made["completed_at"] = time_in_india(*a.completed);
    if (a.confidence) made["face_match_result"] = {{"confidence", *a.confidence}};
    if (done) {
        if (a.now != state::failed) made["file_id"] = a.file_id;
        made["validation_result"] = json::object();
        if (a.type == kind::digilocker && a.now != state::failed) made["details"] = documents_of(r, a);
        if (a.type == kind::two_way_video && a.call.phase == call_phase::ended) made["details"] = call_of(a);
    }
    if (!a.geo_id.empty()) made["sub_actions"] = json::array{geo_tag(a)};
    return made;
}

json::object token_of(const request& r) {
    const auto& newest = r.tokens.back();
    return {{"created_at", time_in_india(newest.created)},
            {"entity_id", r.id},
            {"id", newest.id},
            {"valid_till", time_in_india(newest.valid_till)}};
}

json::value capitals(const json::value& in, bool shout) {
    const auto upper = [](std::string_view text) {
        std::string out(text);
        for (char& c : out)
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
        return out;
    };
    if (const auto* object = in.if_object()) {
        json::object out;
        for (const auto& [key, value] : *object)
            out[upper({key.data(), key.size()})] = capitals(value, key == "event" || key == "status");
        return out;
    }
    if (const auto* array = in.if_array()) {
        json::array out;
        for (const auto& each : *array) out.push_back(capitals(each, false));
        return out;
    }
    if (const auto* text = in.if_string(); text && shout)
        return json::value(upper({text->data(), text->size()}));
    return in;
}

}  // namespace

std::string action_to_json(const request& r, const action& a) { return json::serialize(action_of(r, a)); }

std::string to_json(const request& r, bool with_token) {
    json::object made{{"id", r.id},
                      {"created_at", time_in_india(r.created)},
                      {"updated_at", time_in_india(r.updated)},
                      {"status", name_of(r.now)},
                      {"customer_identifier", r.identifier}};
    const auto add = [&](std::string_view name, const std::string& value) {
        if (!value.empty()) made[name] = value;
    };
    add("customer_name", r.name);
    add("reference_id", r.reference_id);
    add("transaction_id", r.transaction_id);
    made["expire_in_days"] = r.expire_in_days;
    made["reminder_registered"] = false;
    add("workflow_name", r.workflow);
    add("template_id", r.template_id);
    made["auto_approved"] = r.auto_approved;
    add("auditor_name", r.auditor);
    add("auditor_identifier", r.auditor_id);
    if (!r.error.empty()) made["error_messages"] = json::array{json::value(r.error)};
    json::array actions;
    for (const auto& each : r.actions) actions.push_back(action_of(r, each));
    made["actions"] = std::move(actions);
    if (with_token && !r.tokens.empty()) made["access_token"] = token_of(r);
    return json::serialize(made);
}

std::string in_capitals(std::string_view text) {
    boost::system::error_code failed;
    const auto parsed = json::parse({text.data(), text.size()}, failed);
    return failed ? std::string(text) : json::serialize(capitals(parsed, false));
}

std::string error_json(std::string_view code, std::string_view message) {
    return json::serialize(json::object{{"code", code}, {"message", message}, {"details", json::array()}});
}

}  // namespace sandbox::digio
