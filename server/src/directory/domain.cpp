#include "directory/domain.hpp"

#include <algorithm>
#include <bit>

namespace astrotalk::directory {

ratings ratings_of(const std::vector<std::int32_t>& stars) {
    ratings all;
    for (std::size_t i = 0; i < stars.size(); ++i) {
        all.count += stars[i];
        all.sum += stars[i] * static_cast<std::int32_t>(i + 1);
    }
    return all;
}

std::int32_t mean_of(ratings r) { return r.count == 0 ? 0 : (100 * r.sum + r.count / 2) / r.count; }

std::int32_t weighted_mean_of(ratings r) {
    constexpr std::int64_t given = 4, times = 5;
    return static_cast<std::int32_t>(10'000 * (r.sum + given * times) / (r.count + times));
}

std::int32_t score_of(ratings r, std::int32_t experience_years, bool online) {
    constexpr std::int32_t of_rating = 600, of_reviews = 150, of_presence = 150, of_experience = 100;
    // Every doubling of the reviews counts the same, up to a thousand of them.
    const auto doublings = std::min<std::int32_t>(10, std::bit_width(static_cast<std::uint32_t>(r.count)));
    return of_rating * (weighted_mean_of(r) - 10'000) / 40'000 + of_reviews * doublings / 10 +
           (online ? of_presence : 0) + of_experience * std::min(experience_years, 20) / 20;
}

}  // namespace astrotalk::directory
