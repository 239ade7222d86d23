#include "privacy/certificates.hpp"
#include "privacy/corrections.hpp"
#include "privacy/queries.hpp"

namespace astrotalk::privacy {
namespace {

struct correction_certificate {
    uuid id;
    std::string kind;
    instant at;
    user_id subject;
    std::string data_class;
    std::vector<std::string> fields;
    std::string by;  // in which role
    std::string key_id;
};
BOOST_DESCRIBE_STRUCT(correction_certificate, (), (id, kind, at, subject, data_class, fields, by, key_id))

}  // namespace

task<void> certify_correction(pg::transaction& t, const crypto::keyring& keys, correction made) {
    if (made.fields.empty()) co_return;
    const correction_certificate c{.id = uuid::v7(),
                                   .kind = "correction",
                                   .at = clock::now(),
                                   .subject = made.subject,
                                   .data_class = std::string(made.data_class),
                                   .fields = std::move(made.fields),
                                   .by = made.role,
                                   .key_id = certificate_key_id(keys)};
    const auto content = http::to_json(c);
    const bytes mac = certificate_mac(keys, content);
    co_await t.execute(sql::store_correction, c.id, content, mac, made.subject, uuid::v7(), made.by,
                       made.role, made.request_id);
}

}  // namespace astrotalk::privacy
