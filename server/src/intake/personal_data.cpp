#include "intake/personal_data.hpp"

#include "intake/queries.hpp"

namespace astrotalk::intake {
namespace {

using columns = const std::string_view[];

constexpr columns profile_columns = {"birth_profile.details_sealed"};
constexpr columns intake_columns = {"intake.birth_sealed", "intake.question_sealed"};

constexpr pg::data_class classes[] = {
    {.name = "intake.birth_profiles",
     .english =
         "Birth profiles that you saved: name, relation, gender, date, time and place of birth. For charts; "
         "nobody sees them but you, until you give one along with a booking.",
     .hindi = "आपकी सहेजी जन्म-प्रोफ़ाइलें: नाम, संबंध, लिंग, जन्म की तारीख़, समय और स्थान। कुंडली के लिए; "
              "जब तक आप किसी बुकिंग के साथ न दें, इन्हें केवल आप देखते हैं।",
     .kept = pg::retention::account,
     .columns = profile_columns,
     .read = &sql::read_birth_profile_data,
     .erase = &sql::forget_birth_profiles},
    {.name = "intake.intakes",
     .english =
         "What you gave along with a booking: a copy of a birth profile and your question. Its astrologer "
         "sees it for that booking, until three days after its end.",
     .hindi = "बुकिंग के साथ आपने जो दिया: जन्म-प्रोफ़ाइल की प्रति और आपका प्रश्न। उसका ज्योतिषी इसे "
              "उसी बुकिंग के लिए, समाप्ति के तीन दिन बाद तक देखता है।",
     .kept = pg::retention::account,
     .columns = intake_columns,
     .read = &sql::read_intake_data,
     .erase = &sql::forget_intakes},
};

}  // namespace

pg::personal_data personal_data() { return {classes, {}}; }

}  // namespace astrotalk::intake
