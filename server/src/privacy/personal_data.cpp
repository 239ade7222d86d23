#include "privacy/personal_data.hpp"

#include "core/verify.hpp"
#include "privacy/certificates.hpp"
#include "privacy/queries.hpp"

namespace astrotalk::privacy {
namespace {

using columns = const std::string_view[];

constexpr columns trail_columns = {"audit_log.reason", "audit_log.detail", "audit_log.hash",
                                   "audit_pending.reason", "audit_pending.detail"};
constexpr columns export_columns = {"data_export.document_sealed"};
constexpr columns request_columns = {"data_export.user_id"};
constexpr columns tombstone_columns = {"erasure.tombstone_sealed"};
constexpr columns certificate_columns = {"erasure.certificate",    "erasure.certificate_mac",
                                         "certificate.content",    "certificate.mac",
                                         "certificate.subject_id", "purge_line.ids_hash"};
constexpr columns hold_columns = {"legal_hold.reason", "legal_hold.lift_reason"};

constexpr columns consent_columns = {"consent.user_id", "consent.language", "consent.notice_hash",
                                     "consent.items"};
constexpr columns origin_columns = {"consent.origin_sealed"};

constexpr columns impersonal = {"consent_notice.language", "consent_notice.hash", "consent_notice.content"};

constexpr pg::data_class classes[] = {
    {.name = "privacy.consents",
     .english = "What you consented to, when and how, what you were shown, and when you withdrew it.",
     .hindi = "आपने किस बात की सहमति दी, कब और कैसे, आपको क्या दिखाया गया, और आपने उसे कब वापस लिया।",
     .kept = pg::retention::proof,
     .columns = consent_columns,
     .read = &sql::read_own_consents},
    {.name = "privacy.consent_origins",
     .english = "From which address and with which device you consented.",
     .hindi = "आपने किस पते और किस उपकरण से सहमति दी।",
     .kept = pg::retention::traffic,
     .columns = origin_columns,
     .read = &sql::read_own_origins,
     .erase = &sql::forget_origins,
     .purge = &sql::purge_origins,
     .due = &sql::due_origins},
    {.name = "privacy.trail",
     .english = "The log of what was done to your account: when, what, and in which role.",
     .hindi = "आपके खाते पर क्या किया गया उसका अभिलेख: कब, क्या, और किस भूमिका में।",
     .kept = pg::retention::proof,
     .columns = trail_columns,
     .read = &sql::read_own_trail},
    {.name = "privacy.exports",
     .english = "Copies of your data that you asked for, for seven days each.",
     .hindi = "आपके माँगे हुए आपके डेटा की प्रतियाँ, हर एक सात दिन के लिए।",
     .kept = pg::retention::promised,
     .columns = export_columns,
     .erase = &sql::end_exports,
     .purge = &sql::purge_exports,
     .due = &sql::due_exports},
    {.name = "privacy.requests",
     .english = "That and when you asked for copies.",
     .hindi = "यह कि आपने प्रतियाँ कब माँगीं।",
     .kept = pg::retention::log,
     .columns = request_columns,
     .read = &sql::read_own_exports,
     .purge = &sql::purge_requests,
     .due = &sql::due_requests},
    {.name = "privacy.tombstone",
     .english = "What the law has us keep of an account after its end, sealed.",
     .hindi = "खाता बंद होने के बाद क़ानून जो रखवाता है, सीलबंद।",
     .kept = pg::retention::promised,
     .columns = tombstone_columns,
     .purge = &sql::purge_tombstones,
     .due = &sql::due_tombstones},
    {.name = "privacy.certificates",
     .english = "Certificates of what was erased, of corrections and of copies. They name you by your "
                "account's id only.",
     .hindi = "क्या मिटाया गया उसके, सुधारों के और प्रतियों के प्रमाणपत्र। "
              "उनमें केवल आपके खाते का क्रमांक है।",
     .kept = pg::retention::proof,
     .columns = certificate_columns,
     .read = &sql::read_own_certificates},
    {.name = "privacy.holds",
     .english = "Legal proceedings for which your data may not be erased, and why.",
     .hindi = "क़ानूनी कार्यवाहियाँ जिनके कारण आपका डेटा नहीं मिटाया जा सकता, और क्यों।",
     .kept = pg::retention::log,
     .columns = hold_columns,
     .purge = &sql::purge_holds,
     .due = &sql::due_holds},
};

constexpr jobs::sealed_column sealed[] = {
    {"data_export.document", export_purpose, place_of_export, sql::read_sealed_exports,
     sql::replace_sealed_exports},
    {"erasure.tombstone", tombstone_purpose, place_of_tombstone, sql::read_sealed_tombstones,
     sql::replace_sealed_tombstones},
};

std::optional<data_register>& in_use() {
    static std::optional<data_register> known;
    return known;
}

}  // namespace

void use_register(data_register known) { in_use() = std::move(known); }

const data_register& register_in_use() {
    verify(in_use().has_value());
    return *in_use();
}

pg::personal_data personal_data() { return {classes, impersonal}; }
std::span<const jobs::sealed_column> sealed_request_columns() { return sealed; }

}  // namespace astrotalk::privacy
