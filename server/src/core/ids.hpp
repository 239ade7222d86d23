// Strong identifiers: UUIDs (RFC 9562) that cannot be passed for one another. New ones are version 7: ordered
// by time.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"

namespace astrotalk {

struct uuid {
    std::array<std::uint8_t, 16> bytes{};

    auto operator<=>(const uuid&) const = default;
    bool is_nil() const { return *this == uuid{}; }

    // The canonical lower-case form, 36 characters.
    std::string to_string() const;
    // Accepts exactly the canonical form, in either case.
    static std::optional<uuid> parse(std::string_view text);
    // Version 7: clock::now(), a counter that orders what one process makes, and 62 random bits of the
    // operating system's generator. Thread-safe.
    static uuid v7();
    // The instant of a version 7 id, to the millisecond.
    instant time() const;
};

template <class Tag>
struct id {
    uuid value;

    auto operator<=>(const id&) const = default;
    std::string to_string() const { return value.to_string(); }
    static id make() { return {uuid::v7()}; }
    static std::optional<id> parse(std::string_view text) {
        if (auto parsed = uuid::parse(text)) return id{*parsed};
        return std::nullopt;
    }
};

// Identifiers that cross features.
using user_id = id<struct user_tag>;  // an astrologer's id is their user id
using family_id = id<struct family_tag>;
using occupancy_id = id<struct occupancy_tag>;
using booking_id = id<struct booking_tag>;
using wallet_hold_id = id<struct wallet_hold_tag>;
using journal_id = id<struct journal_tag>;

}  // namespace astrotalk

template <>
struct std::hash<astrotalk::uuid> {
    std::size_t operator()(const astrotalk::uuid& id) const noexcept {
        std::size_t h;  // the last bytes of every version we make are random
        std::memcpy(&h, id.bytes.data() + 8, sizeof h);
        return h;
    }
};
template <class Tag>
struct std::hash<astrotalk::id<Tag>> {
    std::size_t operator()(const astrotalk::id<Tag>& id) const noexcept {
        return std::hash<astrotalk::uuid>()(id.value);
    }
};
