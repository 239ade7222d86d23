// What the simulated agent asks: three of a list, in an order that varies from call to call, as video KYC
// wants it. The words are the gateway page's.
#pragma once

#include <cstdint>
#include <vector>

namespace sandbox::digio {

inline constexpr int questions_known = 6;
inline constexpr int questions_asked = 3;

inline std::vector<int> pick_questions(std::uint64_t random) {
    std::vector<int> all;
    for (int i = 0; i < questions_known; ++i) all.push_back(i);
    std::vector<int> chosen;
    for (int i = 0; i < questions_asked; ++i) {
        const auto at = static_cast<std::ptrdiff_t>(random % all.size());
        random /= all.size();
        chosen.push_back(all[static_cast<std::size_t>(at)]);
        all.erase(all.begin() + at);
    }
    return chosen;
}

}  // namespace sandbox::digio
