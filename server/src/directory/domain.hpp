// What the public sees of a listed astrologer: approved, with a price for at least one channel. Pure.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/channel.hpp"
#include "core/ids.hpp"

namespace astrotalk::directory {

struct astrologer {
    user_id id;
    std::string display_name, bio;
    std::vector<std::string> languages, specializations;
    std::int32_t experience_years = 0;
    std::string city;
    channel_prices prices;
    std::optional<std::string> photo;  // an address; behind it thumb.webp, card.webp and full.webp
};
BOOST_DESCRIBE_STRUCT(astrologer, (),
                      (id, display_name, bio, languages, specializations, experience_years, city, prices,
                       photo))

// Codes of onboarding's taxonomy; an unknown code finds nobody. A price is that of a minute by `by`, which
// they then offer, or by the cheapest of their channels where none is named. The bounds are included.
struct filter {
    std::optional<std::string> specialization, language;
    std::optional<channel> by;
    std::optional<money> min_price, max_price;
};
inline money compared_price(const astrologer& one, const filter& with) {
    return *(with.by ? one.prices.of(*with.by) : one.prices.lowest());
}

enum class order : std::uint8_t { by_id, by_price };

// What a page starts after: `price` counts in the order of prices alone.
struct position {
    money price;
    uuid id;
};

}  // namespace astrotalk::directory
