// Integer paise. There is no floating point between a user and a rupee.
#pragma once

#include <compare>
#include <cstdint>

namespace astrotalk {

struct money {
    std::int64_t paise = 0;

    auto operator<=>(const money&) const = default;
    money operator+(money other) const { return {paise + other.paise}; }
    money operator-(money other) const { return {paise - other.paise}; }
    money operator*(std::int64_t n) const { return {paise * n}; }
};

}  // namespace astrotalk
