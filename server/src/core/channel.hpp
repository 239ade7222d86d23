// The ways a consultation is held, and what a minute of each costs.
#pragma once

#include <array>
#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/money.hpp"

namespace astrotalk {

enum class channel : std::uint8_t { chat, call, video };
BOOST_DESCRIBE_ENUM(channel, chat, call, video)

inline constexpr std::array every_channel = {channel::chat, channel::call, channel::video};

constexpr std::string_view name_of(channel c) {
    switch (c) {
        case channel::chat: return "chat";
        case channel::call: return "call";
        case channel::video: return "video";
    }
    __builtin_unreachable();
}

constexpr std::optional<channel> channel_named(std::string_view name) {
    for (const channel each : every_channel)
        if (name_of(each) == name) return each;
    return std::nullopt;
}

// Of one astrologer. The price is the switch: a channel without one is off.
struct channel_prices {
    std::optional<money> chat, call, video;

    bool operator==(const channel_prices&) const = default;
    const std::optional<money>& of(channel c) const {
        return c == channel::chat ? chat : c == channel::call ? call : video;
    }
    // Of the cheapest channel that is on.
    std::optional<money> lowest() const {
        std::optional<money> least;
        for (const channel each : every_channel)
            if (of(each) && (!least || *of(each) < *least)) least = of(each);
        return least;
    }
};
BOOST_DESCRIBE_STRUCT(channel_prices, (), (chat, call, video))

}  // namespace astrotalk
