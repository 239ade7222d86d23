// What the use cases of this folder share. Not for other folders.
#pragma once

#include "directory/directory.hpp"

namespace astrotalk::directory {

// An astrologer as read_items has them.
struct item_row {
    user_id id;
    std::string display_name, bio;
    std::vector<std::string> languages, specializations;
    std::int32_t experience_years = 0;
    std::string city;
    std::optional<std::string> gender;
    channel_prices prices;
    std::optional<channel_prices> strike_prices;
    std::vector<std::int32_t> stars;
    std::int32_t online = 0;
    std::optional<instant> next_free_at;
    std::optional<std::string> photo;
};
BOOST_DESCRIBE_STRUCT(item_row, (),
                      (id, display_name, bio, languages, specializations, experience_years, city, gender,
                       prices, strike_prices, stars, online, next_free_at, photo))

astrologer shown(item_row from);

}  // namespace astrotalk::directory
