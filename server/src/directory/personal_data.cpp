#include "directory/personal_data.hpp"

#include "directory/queries.hpp"

namespace astrotalk::directory {
namespace {

using columns = const std::string_view[];

constexpr columns listing_columns = {"astrologer.gender"};

constexpr pg::data_class classes[] = {
    {.name = "directory.listing",
     .english =
         "What a listing shows of an astrologer besides the profile: gender, prices struck through, whether "
         "they are online and when they are free next.",
     .hindi = "प्रोफ़ाइल के अलावा सूची में ज्योतिषी के बारे में क्या दिखता है: लिंग, कटे हुए मूल्य, "
              "ऑनलाइन हैं या नहीं और अगला खाली समय।",
     .kept = pg::retention::account,
     .columns = listing_columns,
     .read = &sql::read_listing_data,
     .ends_with_account = true},
};

}  // namespace

pg::personal_data personal_data() { return {classes, {}}; }

}  // namespace astrotalk::directory
