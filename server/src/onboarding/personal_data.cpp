#include "onboarding/personal_data.hpp"

#include "onboarding/queries.hpp"

namespace astrotalk::onboarding {
namespace {

using columns = const std::string_view[];

constexpr columns profile_columns = {"astrologer.display_name", "astrologer.bio",
                                     "astrologer.languages",    "astrologer.specializations",
                                     "astrologer.city",         "astrologer.decision_reason"};

constexpr pg::data_class classes[] = {
    {.name = "onboarding.profile",
     .english =
         "An astrologer's profile: public name, description, languages, skills, experience, city, price and "
         "hours, and how staff decided on it. Most of it is public.",
     .hindi = "ज्योतिषी की प्रोफ़ाइल: सार्वजनिक नाम, परिचय, भाषाएँ, विद्याएँ, अनुभव, शहर, मूल्य और "
              "समय, और उस पर लिया गया निर्णय। इसका अधिकांश सार्वजनिक है।",
     .kept = pg::retention::account,
     .columns = profile_columns,
     .read = &sql::read_profile_data},
};

}  // namespace

pg::personal_data personal_data() { return {classes, {}}; }

}  // namespace astrotalk::onboarding
