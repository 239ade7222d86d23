#include "privacy/notices.hpp"

#include <fmt/format.h>

namespace astrotalk::privacy {
namespace {

notice_text kyc_in_english(const std::string& contact) {
    return {
        "Your identity check: what we collect, and why",
        "Users trust astrologers with their lives' questions, so AstroTalk checks who an astrologer is "
        "before "
        "they appear. This notice is about that check and nothing else; it is not part of our terms "
        "of use. "
        "Whether you agree is up to you, and nothing is ticked for you.",
        {
            {"Your PAN", "To confirm with its issuer that it is yours, and that nobody has two accounts"},
            {"The last four digits of your Aadhaar number, if you use Aadhaar",
             "To confirm who you are. We never keep the full number"},
            {"A photograph of your face",
             "To compare it with the photograph in your document, so that nobody passes for you"},
            {"A video call with a verification agent, and its recording",
             "To see that you are a real person who is present, and to be able to show that later"},
            {"Your name as it is in your documents",
             "To compare your documents with each other and with your profile"},
            {"Your date of birth", "To make sure that you are 18 or older"},
            {"The place, network address and device that you use during the check",
             "To notice fraud: somebody else who continues your check, or many accounts from one place"},
        },
        {
            {"Who processes it",
             "AstroTalk, and on our behalf Digio, the company that carries out the check. With your "
             "permission, "
             "Digio asks the issuers of your documents, for example through DigiLocker. Nobody else "
             "receives "
             "it, unless a law obliges us."},
            {"How long we keep it",
             "As long as you are an astrologer with us, and one year after that, because the law asks for "
             "that "
             "year. When you withdraw, we use it for nothing else from that moment on, and erase it "
             "when the "
             "year is over. Only where another law asks for longer, as tax law may for a PAN, we keep that "
             "item until then."},
            {"How to withdraw",
             "In the app or on the website, under Privacy, with one tap, whenever you like: as "
             "easily as you "
             "agree now. A check that is under way stops, and we tell Digio to delete what it has. "
             "What was "
             "done before remains lawful. Without the check you cannot appear as an astrologer; everything "
             "else in your account stays as it is."},
            {"Without Aadhaar",
             fmt::format("You need not use Aadhaar. Write to {} and we will check another document of your "
                         "choice, such as a passport, a driving licence or a voter's card. Nobody "
                         "is refused "
                         "for that.",
                         contact)},
            {"Your rights",
             "You may ask what we have about you and who received it, have it corrected or erased, "
             "and name "
             "somebody who may do so for you if you no longer can. Under Privacy, or through the contact "
             "below."},
            {"Where to complain",
             fmt::format(
                 "To our grievance officer: {}. You have an answer within 90 days at most. After that, "
                 "to the Data Protection Board of India.",
                 contact)},
        },
        "I agree that AstroTalk and Digio use the data listed here for the purposes listed here.",
    };
}

notice_text kyc_in_hindi(const std::string& contact) {
    return {
        "आपकी पहचान की जाँच: हम क्या लेते हैं और क्यों",
        "लोग अपने जीवन के सवाल लेकर ज्योतिषी के पास आते हैं, इसलिए AstroTalk किसी ज्योतिषी को "
        "दिखाने से पहले उसकी "
        "पहचान जाँचता है। यह सूचना केवल इसी जाँच के बारे में है; यह हमारी उपयोग की शर्तों का हिस्सा "
        "नहीं है। "
        "सहमति देना या न देना आपकी इच्छा है, और कोई भी खाना पहले से चुना हुआ नहीं है।",
        {
            {"आपका PAN",
             "उसे जारी करने वाले से यह पक्का करने के लिए कि वह आपका है, और किसी के दो "
             "खाते नहीं हैं"},
            {"आपके आधार नंबर के अंतिम चार अंक, यदि आप आधार का उपयोग करें",
             "आपकी पहचान की पुष्टि के लिए। पूरा नंबर हम कभी नहीं रखते"},
            {"आपके चेहरे की तस्वीर",
             "आपके दस्तावेज़ की तस्वीर से मिलाने के लिए, ताकि कोई और आपके "
             "नाम पर जाँच न करा सके"},
            {"सत्यापन एजेंट के साथ वीडियो कॉल और उसकी रिकॉर्डिंग",
             "यह देखने के लिए कि आप स्वयं उपस्थित हैं, और बाद में यह दिखा पाने के लिए"},
            {"आपका नाम, जैसा आपके दस्तावेज़ों में है",
             "आपके दस्तावेज़ों को आपस में और आपकी "
             "प्रोफ़ाइल से मिलाने के लिए"},
            {"आपकी जन्मतिथि", "यह पक्का करने के लिए कि आप 18 वर्ष या उससे बड़े हैं"},
            {"जाँच के समय आपका स्थान, नेटवर्क पता और डिवाइस",
             "धोखाधड़ी पहचानने के लिए: जैसे आपकी जाँच कोई और पूरी करे, या एक ही जगह से कई खाते बनें"},
        },
        {
            {"इसका उपयोग कौन करता है",
             "AstroTalk, और हमारी ओर से Digio, जो यह जाँच करती है। आपकी अनुमति से Digio आपके "
             "दस्तावेज़ जारी करने वालों "
             "से पूछती है, जैसे DigiLocker के माध्यम से। किसी और को यह जानकारी नहीं मिलती, जब तक "
             "कोई कानून हमें बाध्य न "
             "करे।"},
            {"हम इसे कब तक रखते हैं",
             "जब तक आप हमारे साथ ज्योतिषी हैं, और उसके बाद एक वर्ष तक, क्योंकि कानून यह एक वर्ष "
             "माँगता है। सहमति वापस "
             "लेते ही हम इसका और कोई उपयोग नहीं करते, और वह वर्ष पूरा होने पर इसे मिटा देते हैं। "
             "यदि कोई और कानून अधिक "
             "समय माँगे, जैसे PAN के लिए कर कानून, तो केवल वह जानकारी तब तक रखते हैं।"},
            {"सहमति वापस कैसे लें",
             "ऐप में या वेबसाइट पर, \"गोपनीयता\" में, एक टैप से, जब चाहें: उतनी ही आसानी से जितनी "
             "आसानी से आप अभी सहमति "
             "देते हैं। चल रही जाँच रुक जाती है, और हम Digio से कहते हैं कि उसके पास जो है उसे मिटा "
             "दे। पहले जो हुआ वह वैध "
             "रहता है। जाँच के बिना आप ज्योतिषी के रूप में दिखाई नहीं दे सकते; आपके खाते में बाकी "
             "सब वैसा ही रहता है।"},
            {"आधार के बिना", fmt::format("आधार का उपयोग करना ज़रूरी नहीं है। {} पर लिखें "
                                        "और हम आपकी पसंद का कोई दूसरा "
                                        "दस्तावेज़ जाँचेंगे, जैसे "
                                        "पासपोर्ट, ड्राइविंग लाइसेंस या मतदाता पहचान पत्र। "
                                        "इस कारण किसी को मना नहीं किया जाता।",
                                        contact)},
            {"आपके अधिकार",
             "आप पूछ सकते हैं कि हमारे पास आपके बारे में क्या है और वह किसे मिला, उसे ठीक करा सकते "
             "हैं या मिटवा सकते हैं, "
             "और किसी को नामित कर सकते हैं जो आपके न कर पाने पर आपकी ओर से यह करे। \"गोपनीयता\" "
             "में, या नीचे दिए संपर्क "
             "से।"},
            {"शिकायत कहाँ करें",
             fmt::format("हमारे शिकायत अधिकारी से: {}। अधिकतम 90 दिनों में आपको उत्तर मिलता है। उसके बाद "
                         "भारतीय डेटा संरक्षण "
                         "बोर्ड से।",
                         contact)},
        },
        "मैं सहमत हूँ कि AstroTalk और Digio यहाँ लिखी जानकारी का उपयोग यहाँ लिखे उद्देश्यों के लिए करें।",
    };
}

}  // namespace

bool is_purpose(std::string_view name) { return name == "kyc"; }
bool is_notice_language(std::string_view code) { return code == "en" || code == "hi"; }

std::vector<notice> notices(const std::string& grievance_contact) {
    return {{"kyc", "en", kyc_in_english(grievance_contact)}, {"kyc", "hi", kyc_in_hindi(grievance_contact)}};
}

}  // namespace astrotalk::privacy
