// Verhoeff's check digit (1969): it finds every wrong digit and every exchange of two neighbours. Sums in the
// dihedral group of order ten, over digits that a permutation moves one step further at each place.
//
// Pure. What it is given are ASCII digits.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace astrotalk {

namespace verhoeff_detail {
// Below five the turns of a pentagon, from five its reflections.
constexpr int product(int a, int b) {
    const int turned = a < 5 ? (a + b) % 5 : (a - b + 10) % 5;
    return (a < 5) == (b < 5) ? turned : turned + 5;
}
constexpr int permuted(int digit, std::size_t place) {
    constexpr std::array<int, 10> once = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
    for (std::size_t i = 0; i < place % 8; ++i) digit = once[static_cast<std::size_t>(digit)];
    return digit;
}
// `first`: the place of the last digit, counted from the right.
constexpr int sum(std::string_view digits, std::size_t first) {
    int all = 0;
    for (std::size_t i = 0; i < digits.size(); ++i)
        all = product(all, permuted(digits[digits.size() - 1 - i] - '0', first + i));
    return all;
}
}  // namespace verhoeff_detail

constexpr bool has_verhoeff_digit(std::string_view digits) { return verhoeff_detail::sum(digits, 0) == 0; }

constexpr char verhoeff_digit_of(std::string_view digits) {
    const int all = verhoeff_detail::sum(digits, 1);
    return static_cast<char>('0' + (all < 5 ? (5 - all) % 5 : all));
}

}  // namespace astrotalk
