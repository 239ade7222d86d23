// Invented astrologers, for tests and measurements of the index.
#pragma once

#include <fmt/format.h>

#include <random>

#include "directory/listing_index.hpp"

namespace astrotalk::directory::testing {

inline constexpr std::array skills = {"vedic", "tarot", "numerology", "vastu", "palmistry", "kp", "nadi"};
inline constexpr std::array tongues = {"en", "hi", "bn", "mr", "ta", "te", "gu", "kn"};

class inventor {
  public:
    explicit inventor(unsigned seed) : random(seed) {}

    int below(int end) { return static_cast<int>(random() % static_cast<unsigned>(end)); }

    template <class Names>
    std::vector<std::string> some(const Names& from, int most) {
        std::vector<std::string> chosen;
        for (int left = 1 + below(most); left > 0; --left) {
            std::string one = from[random() % from.size()];
            if (std::ranges::find(chosen, one) == chosen.end()) chosen.push_back(std::move(one));
        }
        return chosen;
    }
    std::optional<money> price() {
        if (below(3) == 0) return std::nullopt;
        return money{100 + 100 * below(30)};
    }
    listed_row row(user_id id) {
        listed_row made;
        made.id = id;
        made.changed = ++changes;
        made.listed = true;
        made.languages = some(tongues, 3);
        made.specializations = some(skills, 3);
        made.experience_years = below(40);
        made.city = fmt::format("city{}", below(60));
        if (below(4) > 0) made.gender = below(2) == 0 ? "female" : "male";
        made.prices = {money{100 + 100 * below(30)}, price(), price()};
        made.stars = {below(2), below(2), below(3), below(20), below(40)};
        made.online = below(10) == 0 ? 1 + below(7) : 0;
        if (below(20) > 0) made.next_free_at = instant(std::chrono::minutes(15 * below(3000)));
        made.words = {fmt::format("name{}", below(500)), made.city};
        return made;
    }
    wanted question() {
        wanted who;
        filter& by = who.by;
        if (below(3) == 0) by.specializations = some(skills, 2);
        if (below(3) == 0) by.languages = some(tongues, 2);
        if (below(4) == 0) by.genders = {below(2) == 0 ? gender::female : gender::male};
        if (below(3) == 0) by.by = every_channel[random() % 3];
        if (below(4) == 0) by.min_price = money{100 * below(20)};
        if (below(4) == 0) by.max_price = money{100 * (1 + below(30))};
        if (below(4) == 0) by.min_rating = 100 + 10 * below(41);
        if (below(5) == 0) by.min_experience = below(30);
        if (below(8) == 0) by.city = fmt::format("city{}", below(61));
        by.online = below(6) == 0;
        if (below(6) == 0) by.free_before = instant(std::chrono::minutes(15 * below(3000)));
        if (below(6) == 0)
            who.text = {{{fmt::format("name{}", below(500)), fmt::format("name{}", below(500))},
                         below(2) == 0 ? std::vector<std::string>{"vedic"} : std::vector<std::string>{}}};
        return who;
    }
    order some_order() { return static_cast<order>(below(6)); }

    std::mt19937 random;
    std::int64_t changes = 0;
};

}  // namespace astrotalk::directory::testing
