#include "onboarding/personal_data.hpp"

#include "onboarding/queries.hpp"

namespace astrotalk::onboarding {
namespace {

using columns = const std::string_view[];

constexpr columns profile_columns = {
    "astrologer.display_name",     "astrologer.bio",  "astrologer.languages",
    "astrologer.specializations",  "astrologer.city", "astrologer.decision_reason",
    "astrologer.legal_name_sealed"};
constexpr columns identity_columns = {
    "kyc_session.evidence_sealed", "kyc_session.token_sealed", "kyc_session.origin_sealed",
    "kyc_session.return_sealed",   "kyc_session.address_hash", "kyc_session.device_hash",
    "kyc_session.staff_reason",    "kyc_session.reasons",      "kyc_session.findings"};
constexpr columns rejected_columns = {"kyc_session.pan_hash"};
constexpr columns upload_columns = {"upload.content_type", "upload.parts"};
constexpr columns payout_columns = {"payout_account.secrets_sealed", "payout_account.ifsc"};

constexpr pg::data_class classes[] = {
    {.name = "onboarding.profile",
     .english =
         "An astrologer's profile: public name, description, languages, skills, experience, city, price and "
         "hours, and how staff decided on it. Most of it is public; the legal name never is.",
     .hindi = "ज्योतिषी की प्रोफ़ाइल: सार्वजनिक नाम, परिचय, भाषाएँ, विद्याएँ, अनुभव, शहर, मूल्य और "
              "समय, और उस पर लिया गया निर्णय। इसका अधिकांश सार्वजनिक है; क़ानूनी नाम कभी नहीं।",
     .kept = pg::retention::account,
     .columns = profile_columns,
     .read = &sql::read_profile_data},
    {.name = "onboarding.identity",
     .english =
         "The checks of your identity: when, from where, what was seen in them and what came of it. While "
         "you are an astrologer; for a year after you withdraw your consent.",
     .hindi = "आपकी पहचान की जाँचें: कब, कहाँ से, उनमें क्या देखा गया और क्या परिणाम रहा। "
              "जब तक आप ज्योतिषी हैं; सहमति वापस लेने के एक वर्ष बाद तक।",
     .kept = pg::retention::account,
     .columns = identity_columns,
     .read = &sql::read_identity_data,
     .keep = &sql::keep_identity_data,
     .erase = &sql::forget_identity,
     .purge = &sql::purge_withdrawn_identity,
     .due = &sql::due_withdrawn_identity},
    {.name = "onboarding.rejections",
     .english =
         "That somebody with your PAN was rejected, as a keyed hash from which nobody can read it. Against "
         "those who try again under another name.",
     .hindi = "यह कि आपके PAN वाले किसी व्यक्ति को अस्वीकार किया गया, ऐसे रूप में जिससे PAN पढ़ा नहीं "
              "जा सकता। दूसरे नाम से दोबारा आने वालों के विरुद्ध।",
     .kept = pg::retention::proof,
     .columns = rejected_columns},
    {.name = "onboarding.uploads",
     .english =
         "The papers that you uploaded, and your photo, which everybody sees, until you remove or replace "
         "them. The photo goes at once when your account ends.",
     .hindi = "आपके अपलोड किए हुए काग़ज़, और आपकी तस्वीर, जो सबको दिखती है, जब तक आप उन्हें न हटाएँ या न "
              "बदलें। खाता बंद होते ही तस्वीर हट जाती है।",
     .kept = pg::retention::account,
     .columns = upload_columns,
     .read = &sql::read_upload_data,
     .erase = &sql::end_uploads},
    {.name = "onboarding.payout_account",
     .english = "Where your earnings go: account holder, account number, bank and PAN.",
     .hindi = "आपकी कमाई कहाँ जाती है: खाताधारक, खाता संख्या, बैंक और PAN।",
     .kept = pg::retention::account,
     .columns = payout_columns,
     .read = &sql::read_payout_data,
     .erase = &sql::forget_payout_account},
};

}  // namespace

pg::personal_data personal_data() { return {classes, {}}; }

}  // namespace astrotalk::onboarding
