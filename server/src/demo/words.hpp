// What the inventions are made of. Every entry has its English and its Hindi form.
#pragma once

#include <array>
#include <string_view>

namespace astrotalk::demo {

struct word {
    std::string_view en, hi;
};

inline constexpr std::array women = {
    word{"Asha", "आशा"},      word{"Meera", "मीरा"},     word{"Kavita", "कविता"},
    word{"Sunita", "सुनीता"},  word{"Lakshmi", "लक्ष्मी"},  word{"Radhika", "राधिका"},
    word{"Nandini", "नंदिनी"}, word{"Gayatri", "गायत्री"}, word{"Savitri", "सावित्री"},
    word{"Padma", "पद्मा"},    word{"Shalini", "शालिनी"}, word{"Vidya", "विद्या"},
    word{"Anjali", "अंजलि"},   word{"Deepa", "दीपा"},     word{"Pooja", "पूजा"},
    word{"Rekha", "रेखा"}};
inline constexpr std::array men = {
    word{"Anand", "आनंद"},    word{"Ramesh", "रमेश"},    word{"Suresh", "सुरेश"},  word{"Vishnu", "विष्णु"},
    word{"Govind", "गोविंद"}, word{"Hari", "हरि"},      word{"Mahesh", "महेश"},  word{"Kailash", "कैलाश"},
    word{"Arvind", "अरविंद"}, word{"Dinesh", "दिनेश"},   word{"Gopal", "गोपाल"}, word{"Raghav", "राघव"},
    word{"Shankar", "शंकर"},  word{"Vasudev", "वासुदेव"}, word{"Omkar", "ओंकार"},  word{"Bhaskar", "भास्कर"}};
inline constexpr std::array surnames = {
    word{"Sharma", "शर्मा"},     word{"Shastri", "शास्त्री"},  word{"Joshi", "जोशी"},
    word{"Trivedi", "त्रिवेदी"},  word{"Mishra", "मिश्रा"},    word{"Pandey", "पांडेय"},
    word{"Iyer", "अय्यर"},       word{"Nair", "नायर"},       word{"Bhatt", "भट्ट"},
    word{"Desai", "देसाई"},      word{"Kulkarni", "कुलकर्णी"}, word{"Banerjee", "बनर्जी"},
    word{"Reddy", "रेड्डी"},      word{"Tiwari", "तिवारी"},   word{"Upadhyay", "उपाध्याय"},
    word{"Acharya", "आचार्य"},   word{"Dubey", "दुबे"},        word{"Chaturvedi", "चतुर्वेदी"},
    word{"Goswami", "गोस्वामी"}, word{"Menon", "मेनन"}};
inline constexpr std::array titles = {word{"", ""}, word{"", ""}, word{"Acharya ", "आचार्य "},
                                      word{"Dr. ", "डॉ. "}};

struct place {
    std::string_view en, hi, language;
};
inline constexpr std::array places = {
    place{"Varanasi", "वाराणसी", "hi"},  place{"Ujjain", "उज्जैन", "hi"},
    place{"Jaipur", "जयपुर", "hi"},       place{"Delhi", "दिल्ली", "pa"},
    place{"Pune", "पुणे", "mr"},           place{"Nashik", "नासिक", "mr"},
    place{"Mumbai", "मुंबई", "mr"},        place{"Ahmedabad", "अहमदाबाद", "gu"},
    place{"Vadodara", "वडोदरा", "gu"},   place{"Kolkata", "कोलकाता", "bn"},
    place{"Chennai", "चेन्नई", "ta"},      place{"Madurai", "मदुरै", "ta"},
    place{"Hyderabad", "हैदराबाद", "te"}, place{"Tirupati", "तिरुपति", "te"},
    place{"Bengaluru", "बेंगलुरु", "kn"},    place{"Udupi", "उडुपी", "kn"},
    place{"Thrissur", "त्रिशूर", "ml"},    place{"Bhubaneswar", "भुवनेश्वर", "or"},
    place{"Guwahati", "गुवाहाटी", "as"},  place{"Haridwar", "हरिद्वार", "hi"},
    place{"Amritsar", "अमृतसर", "pa"}};

// A few live abroad, so that zones other than India's are seen to work.
struct abroad {
    std::string_view en, hi, zone;
};
inline constexpr std::array places_abroad = {
    abroad{"Kathmandu", "काठमांडू", "Asia/Kathmandu"}, abroad{"Dubai", "दुबई", "Asia/Dubai"},
    abroad{"London", "लंदन", "Europe/London"}, abroad{"New York", "न्यूयॉर्क", "America/New_York"}};

struct craft {
    std::string_view code;
    word name, method;
};
inline constexpr std::array crafts = {
    craft{"vedic",
          {"Vedic astrology", "वैदिक ज्योतिष"},
          {"I read the birth chart, its dashas and transits, and explain them in plain words.",
           "जन्म कुंडली, दशा और गोचर को सरल शब्दों में समझिए।"}},
    craft{"tarot",
          {"tarot", "टैरो"},
          {"A spread shows where you stand; we look together at the choices in front of you.",
           "कार्ड बताते हैं कि आप कहाँ हैं; आगे के विकल्प हम मिलकर देखते हैं।"}},
    craft{"numerology",
          {"numerology", "अंक ज्योतिष"},
          {"Names, dates and numbers: what supports you, and what to change.",
           "नाम, तारीख़ और अंक: क्या आपके साथ है और क्या बदलना चाहिए।"}},
    craft{"vastu",
          {"Vastu", "वास्तु"},
          {"Remedies for home, shop and factory without breaking a wall.",
           "घर, दुकान और कारख़ाने के लिए बिना तोड़फोड़ के उपाय।"}},
    craft{"palmistry",
          {"palmistry", "हस्तरेखा"},
          {"Send a clear picture of both palms; the lines tell of character before fate.",
           "दोनों हथेलियों की साफ़ तस्वीर भेजें; रेखाएँ भाग्य से पहले स्वभाव बताती हैं।"}},
    craft{"kp",
          {"KP astrology", "केपी ज्योतिष"},
          {"Sub-lords give timing: when, rather than whether.",
           "उप-स्वामी समय बताते हैं: होगा या नहीं से आगे, कब होगा।"}},
    craft{"lal_kitab",
          {"Lal Kitab", "लाल किताब"},
          {"Simple household remedies that anyone can keep.", "सरल घरेलू उपाय जो हर कोई कर सके।"}},
    craft{"prashna",
          {"Prashna", "प्रश्न कुंडली"},
          {"No birth time? The moment of the question is chart enough.",
           "जन्म समय नहीं पता? प्रश्न का क्षण ही पर्याप्त है।"}},
    craft{"nadi",
          {"Nadi astrology", "नाड़ी ज्योतिष"},
          {"The old leaves group planets as stories; yours has chapters yet to come.",
           "प्राचीन पत्तों में ग्रह कथा कहते हैं; आपकी कथा अभी शेष है।"}},
    craft{"face_reading",
          {"face reading", "मुखाकृति विज्ञान"},
          {"Features show habits, and habits show the road.", "चेहरा आदतें बताता है और आदतें राह।"}},
    craft{"reiki",
          {"Reiki", "रेकी"},
          {"Distance healing for worry and sleepless nights.", "चिंता और अनिद्रा के लिए दूर से रेकी।"}},
    craft{"muhurta",
          {"Muhurta", "मुहूर्त"},
          {"Dates for weddings, journeys, houses and new work.",
           "विवाह, यात्रा, गृह प्रवेश और नए काम के लिए शुभ समय।"}},
    craft{"gemstones",
          {"gemstones", "रत्न शास्त्र"},
          {"Which stone, which finger, and very often: none at all.",
           "कौन सा रत्न, कौन सी उँगली, और कई बार: कोई नहीं।"}},
    craft{"matchmaking",
          {"matchmaking", "कुंडली मिलान"},
          {"Guna milan is the beginning of the talk about two people, not its end.",
           "गुण मिलान दो लोगों की बात का आरंभ है, अंत नहीं।"}}};

inline constexpr std::array promises = {
    word{"Ask freely; nothing leaves our talk.", "निःसंकोच पूछिए; बात हमारे बीच रहती है।"},
    word{"No fear, no guarantees, only what the chart shows.", "न डर, न दावे; केवल वही जो कुंडली दिखाती है।"},
    word{"Career, marriage, health of the family: one question at a time.",
         "करियर, विवाह, परिवार: एक समय में एक प्रश्न।"},
    word{"Please keep the time and place of birth at hand.", "जन्म का समय और स्थान पास रखिए।"},
    word{"Learned from my grandfather, tested on ten thousand charts.",
         "दादाजी से सीखा, दस हज़ार कुंडलियों पर परखा।"}};

}  // namespace astrotalk::demo
