#include "identity/personal_data.hpp"

#include "identity/queries.hpp"

namespace astrotalk::identity {
namespace {

using columns = const std::string_view[];

constexpr columns account_columns = {
    "pool_user.phone_hash",   "pool_user.phone_sealed",   "pool_user.name_sealed", "pool_user.city_sealed",
    "pool_user.email_sealed", "pool_user.email_verified", "pool_user.language",    "phone_prefix.hash"};
constexpr columns session_columns = {"refresh_token.hash", "refresh_token.seen_sealed",
                                     "past_session.seen_with", "past_session.seen_sealed"};
constexpr columns code_columns = {"challenge.phone_hash",   "challenge.code_mac", "challenge.counted_in",
                                  "phone_guard.phone_hash", "email_guard.key",    "send_bucket.key"};
constexpr columns change_columns = {"phone_change.phone_hash", "phone_change.phone_sealed",
                                    "email_change.email_hash", "email_change.email_sealed",
                                    "email_change.code_mac"};
constexpr columns factor_columns = {"software_token.secret_sealed", "software_token.pending_sealed"};
constexpr columns recovery_columns = {"phone_recovery.lost_hash", "phone_recovery.new_hash",
                                      "phone_recovery.new_sealed", "phone_recovery.token_hash",
                                      "phone_recovery.decision_reason"};
constexpr columns welcome_columns = {"welcomed.phone_hash"};

constexpr pg::data_class classes[] = {
    {.name = "identity.account",
     .english =
         "Your account: phone number, name, e-mail address, city, language, that you are of age, and what "
         "kind of user you are. To sign you in, to reach you, and to show those you book whom they meet.",
     .hindi = "आपका खाता: फ़ोन नंबर, नाम, ई-मेल पता, शहर, भाषा, आपके वयस्क होने की घोषणा और आप किस प्रकार के "
              "उपयोगकर्ता हैं। साइन-इन, आपसे संपर्क और बुकिंग के लिए।",
     .kept = pg::retention::account,
     .columns = account_columns,
     .read = &sql::read_account_data},
    {.name = "identity.sessions",
     .english = "Where you signed in: when, from which address, with which device. To protect your account.",
     .hindi = "आपने कहाँ से साइन-इन किया: कब, किस पते से, किस उपकरण से। आपके खाते की सुरक्षा के लिए।",
     .kept = pg::retention::traffic,
     .columns = session_columns,
     .read = &sql::read_session_data,
     .erase = &sql::forget_past_sessions,
     .purge = &sql::purge_past_sessions,
     .due = &sql::due_past_sessions},
    {.name = "identity.codes",
     .english =
         "Codes that were sent to you and how many, as keyed hashes from which nobody can read a number. "
         "Against those who try codes.",
     .hindi = "आपको भेजे गए कोड और उनकी संख्या, ऐसे रूप में जिससे नंबर पढ़ा नहीं जा सकता। "
              "दुरुपयोग रोकने के लिए।",
     .kept = pg::retention::transient,
     .columns = code_columns},
    {.name = "identity.changes",
     .english = "A new phone number or e-mail address that waits for its code, for a day.",
     .hindi = "नया फ़ोन नंबर या ई-मेल पता जो कोड की प्रतीक्षा में है, एक दिन तक।",
     .kept = pg::retention::transient,
     .columns = change_columns,
     .read = &sql::read_change_data,
     .ends_with_account = true},
    {.name = "identity.second_factor",
     .english = "The secret of your authenticator, and when you set it up.",
     .hindi = "आपके ऑथेंटिकेटर का गुप्त कोड, और आपने उसे कब लगाया।",
     .kept = pg::retention::transient,
     .columns = factor_columns,
     .read = &sql::read_factor_data,
     .ends_with_account = true},
    {.name = "identity.recoveries",
     .english = "Requests to move your account to another number, for six weeks after they were made.",
     .hindi = "आपका खाता दूसरे नंबर पर ले जाने के अनुरोध, उसके बाद छह सप्ताह तक।",
     .kept = pg::retention::transient,
     .columns = recovery_columns,
     .read = &sql::read_recovery_data},
    {.name = "identity.welcome",
     .english =
         "That the welcome bonus was given for your number, as a keyed hash from which nobody can read it.",
     .hindi = "यह कि आपके नंबर पर स्वागत बोनस दिया गया, ऐसे रूप में जिससे नंबर पढ़ा नहीं जा सकता।",
     .kept = pg::retention::proof,
     .columns = welcome_columns},
};

constexpr columns impersonal = {"signing_key.private_sealed",
                                "app_client.secret_sealed",
                                "app_client.old_secret_sealed",
                                "app_client.name",
                                "admin_credential.secret_sealed",
                                "admin_credential.label",
                                "pool_group.name",
                                "pool_group.description"};

}  // namespace

pg::personal_data personal_data() { return {classes, impersonal}; }

}  // namespace astrotalk::identity
