#include "core/log.hpp"
#include "privacy/certificates.hpp"
#include "privacy/data_requests.hpp"
#include "privacy/queries.hpp"

namespace astrotalk::privacy {
namespace {

constexpr std::string_view job_kind = "privacy.export";

struct asked_row {
    bool fresh;
    std::optional<instant> made_at;
    bool too_many;
    std::int64_t wait_seconds;
};
BOOST_DESCRIBE_STRUCT(asked_row, (), (fresh, made_at, too_many, wait_seconds))

struct export_row {
    uuid id;
    std::string state;
    instant asked_at;
    std::optional<instant> ready_at, expires_at;
    std::optional<bytes> document_sealed;
    std::optional<std::string> certificate;
};
BOOST_DESCRIBE_STRUCT(export_row, (),
                      (id, state, asked_at, ready_at, expires_at, document_sealed, certificate))

struct export_job {
    uuid export_id;
};
BOOST_DESCRIBE_STRUCT(export_job, (), (export_id))

struct shown_recipient {
    std::string name;
    told what_for;
};
BOOST_DESCRIBE_STRUCT(shown_recipient, (), (name, what_for))

struct export_document {
    instant at;
    user_id subject;
    told about;
    std::string contact;
    std::vector<shown_recipient> recipients;
    std::vector<class_records> data;
};
BOOST_DESCRIBE_STRUCT(export_document, (), (at, subject, about, contact, recipients, data))

struct exported_class {
    std::string name;
    std::int64_t records = 0;
};
BOOST_DESCRIBE_STRUCT(exported_class, (), (name, records))

struct export_certificate {
    uuid id;
    std::string kind;
    instant at;
    user_id subject;
    std::vector<exported_class> classes;
    std::string document_sha256;  // in hex, of the document as it is sent
    std::string key_id;
};
BOOST_DESCRIBE_STRUCT(export_certificate, (), (id, kind, at, subject, classes, document_sha256, key_id))

std::string certificate_of(uuid id, const export_document& made, std::string_view text,
                           const crypto::keyring& keys) {
    export_certificate c{.id = id,
                         .kind = "export",
                         .at = made.at,
                         .subject = made.subject,
                         .classes = {},
                         .document_sha256 = crypto::hex(crypto::sha256(text)),
                         .key_id = certificate_key_id(keys)};
    for (const auto& each : made.data)
        c.classes.push_back({each.name, static_cast<std::int64_t>(each.records.size())});
    return http::to_json(c);
}

told introduction() {
    return {
        "Everything that is stored about you: what it is, for how long it is kept and why, and with whom it "
        "is shared. You may have it corrected or erased, and you may complain to the contact given here and, "
        "after that, to the Data Protection Board of India.",
        "आपके बारे में जो कुछ भी रखा गया है: वह क्या है, कितने समय तक और क्यों रखा जाता है, "
        "और किसके साथ साझा किया जाता है। आप इसे सुधरवा या मिटवा सकते हैं, और यहाँ दिए गए "
        "संपर्क से, और उसके बाद भारत के डेटा संरक्षण बोर्ड से शिकायत कर सकते हैं।"};
}

std::string role_of(const http::principal& caller) {
    return caller.user_type.empty() ? "user" : caller.user_type;
}

task<void> build(pg::transaction& t, const crypto::keyring& keys, const data_register& known, uuid id) {
    const auto whose = co_await t.query_one<user_id>(sql::find_waiting_export, id);
    if (!whose) co_return;
    export_document made{clock::now(), *whose, introduction(), known.contact, {}, {}};
    for (const auto& each : known.recipients)
        made.recipients.push_back({each.name, {each.english, each.hindi}});
    made.data = co_await gather_records(t, keys, known, *whose, reader::the_person,
                                        [](const pg::data_class&) { return true; });
    const auto text = http::to_json(made);
    const auto sealed = keys.seal(export_purpose, text, place_of_export(id.to_string()));
    const auto proof = certificate_of(id, made, text, keys);
    co_await t.execute(sql::store_export, id, sealed, made.at, made.at + export_lifetime, uuid::v7(), proof,
                       certificate_mac(keys, proof));
}

}  // namespace

task<result<export_entry, export_refusal>> ask_export(request_service& s, http::principal caller,
                                                      std::string request_id) {
    const auto id = uuid::v7(), job = uuid::v7();
    const auto payload = jobs::seal_payload(s.keys, job, http::to_json(export_job{id}));
    const auto asked = co_await s.pg.write_one<asked_row>(sql::ask_export, caller.id, caller.session, id, job,
                                                          payload, uuid::v7(), request_id);
    if (!asked) co_return export_refusal{export_error::signed_out};
    if (!asked->fresh) co_return export_refusal{export_error::sign_in_again};
    if (asked->made_at) co_return export_entry{id, "waiting", *asked->made_at, {}, {}, {}, {}};
    if (asked->too_many) co_return export_refusal{export_error::too_many, asked->wait_seconds};
    co_return export_refusal{export_error::in_progress};
}

task<void> build_export(pg::client& database, const crypto::keyring& keys, const data_register& known,
                        uuid id) {
    auto body = [&](pg::transaction& t) { return build(t, keys, known, id); };
    co_await database.transact(body);
}

task<std::optional<export_entry>> take_export(request_service& s, http::principal caller, uuid id,
                                              std::string request_id) {
    auto row = co_await s.pg.write_one<export_row>(sql::take_export, id, caller.id, uuid::v7(),
                                                   role_of(caller), request_id);
    if (!row) co_return std::nullopt;
    export_entry found{row->id, std::move(row->state), row->asked_at, row->ready_at, row->expires_at,
                       {},      row->certificate};
    if (row->document_sealed) {
        auto text = s.keys.open(export_purpose, *row->document_sealed, place_of_export(id.to_string()));
        if (!text) throw std::runtime_error("an export does not open with this installation's keys");
        found.document = personal(std::move(*text));
    }
    co_return found;
}

void handle_jobs(jobs::outbox_worker& worker, pg::client& database, const crypto::keyring& keys) {
    worker.handle(std::string(job_kind), [&](jobs::job work) -> task<void> {
        const auto asked = http::from_json<export_job>(work.payload);
        if (!asked) throw jobs::permanent_failure("the payload is not an export's");
        return build_export(database, keys, register_in_use(), asked->export_id);
    });
}

}  // namespace astrotalk::privacy
