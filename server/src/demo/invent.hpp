// People who do not exist, for a demonstration: names, profiles, prices and hours, varied and the same for
// the same seed. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/channel.hpp"
#include "onboarding/onboarding.hpp"

namespace astrotalk::demo {

enum class fate : std::uint8_t { approved, waiting, rejected };

struct invented_astrologer {
    std::string phone;
    onboarding::profile_draft profile;
    channel_prices prices;
    onboarding::availability hours;
    fate ends = fate::approved;
};

struct invented_user {
    std::string phone, name, city, language;
};

// `listed` approved ones, and behind them a few who wait for a decision or were rejected.
// All of them chat; about every eighth does so cheaply enough for a quarter of an hour out of the welcome
// bonus.
std::vector<invented_astrologer> invent_astrologers(std::uint64_t seed, std::size_t listed);
std::vector<invented_user> invent_users(std::uint64_t seed, std::size_t count);

}  // namespace astrotalk::demo
