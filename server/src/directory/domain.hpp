// What the public sees of a listed astrologer: approved, enabled, with a price for at least one channel; how
// they are filtered, and in which orders. Pure.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/channel.hpp"
#include "core/clock.hpp"
#include "core/ids.hpp"

namespace astrotalk::directory {

enum class gender : std::uint8_t { female, male, other };
BOOST_DESCRIBE_ENUM(gender, female, male, other)

struct astrologer {
    user_id id;
    std::string display_name, bio;
    std::vector<std::string> languages, specializations;
    std::int32_t experience_years = 0;
    std::string city;
    std::optional<std::string> gender;
    channel_prices prices;
    std::optional<channel_prices> strike_prices;
    std::optional<double> rating;  // the mean of the stars, to two decimals
    std::int32_t review_count = 0;
    std::vector<std::string> online;  // the channels they are there for now
    std::optional<instant> next_free_at;
    std::optional<std::string> photo;  // an address; behind it thumb.webp, card.webp and full.webp
};
BOOST_DESCRIBE_STRUCT(astrologer, (),
                      (id, display_name, bio, languages, specializations, experience_years, city, gender,
                       prices, strike_prices, rating, review_count, online, next_free_at, photo))

// Channels as `listing.online` has them.
constexpr std::int32_t bit_of(channel c) { return 1 << static_cast<int>(c); }
constexpr std::int32_t every_bit = 7;

enum class order : std::uint8_t { recommended, rating, experience, soonest, price, price_desc };
BOOST_DESCRIBE_ENUM(order, recommended, rating, experience, soonest, price, price_desc)

// Whoever has one of the codes of each list that is not empty; an unknown code finds nobody. A price is that
// of a minute by `by`, which they then offer, or by the cheapest of their channels where none is named.
// The bounds are included.
struct filter {
    std::vector<std::string> specializations, languages;
    std::vector<directory::gender> genders;
    std::optional<channel> by;
    std::optional<money> min_price, max_price;
    std::optional<std::int32_t> min_rating;  // in hundredths of a star
    std::optional<std::int32_t> min_experience;
    std::optional<std::string> city;  // in lower case
    bool online = false;              // now, and by the channel if one is named
    std::optional<instant> free_before;
};

// One visible review each: how many have one to five stars.
struct ratings {
    std::int32_t count = 0, sum = 0;
};
ratings ratings_of(const std::vector<std::int32_t>& stars);
// In hundredths of a star; 0 where there is none.
std::int32_t mean_of(ratings r);
// What the order of ratings compares, in ten thousandths of a star: the mean as if four stars had been given
// five times more, so that one enthusiast is not the best astrologer.
std::int32_t weighted_mean_of(ratings r);
// What the recommended order compares, 0 to 1000; docs/discovery.md says why.
std::int32_t score_of(ratings r, std::int32_t experience_years, bool online);

}  // namespace astrotalk::directory
