// What the public sees of a listed astrologer: approved, with a price. Pure.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/money.hpp"

namespace astrotalk::directory {

struct astrologer {
    user_id id;
    std::string display_name, bio;
    std::vector<std::string> languages, specializations;
    std::int32_t experience_years = 0;
    std::string city;
    money price_per_minute;
    std::optional<std::string> photo;  // an address; behind it thumb.webp, card.webp and full.webp
};
BOOST_DESCRIBE_STRUCT(astrologer, (),
                      (id, display_name, bio, languages, specializations, experience_years, city,
                       price_per_minute, photo))

// Codes of onboarding's taxonomy; an unknown code finds nobody.
struct filter {
    std::optional<std::string> specialization, language;
};

}  // namespace astrotalk::directory
