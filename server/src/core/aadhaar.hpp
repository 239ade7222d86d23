// Aadhaar numbers in text: a full one is stored nowhere, so it is refused where it enters and looked for
// where it might have come to lie.
//
// A number is twelve digits, the first of them 2 to 9, the last the Verhoeff check digit of the others,
// written together or as 4-4-4, 4-8 or 8-4 with one to three blanks, dashes, dots or slashes of any kind in
// between. The digits of every script of India count as digits, and characters without width do not count.
// Of what looks alike, these are let pass, so that nothing else is refused:
//   - a part of something longer: more digits around it, another such group, a UUID, a word in hex;
//   - phones: behind a +, or what begins with 91 and 6 to 9, together or in groups;
//   - numbers with a fraction, days (20261123), instants written together, 2020 to 2039 (202611230924), and
//     three years in a row;
//   - what is one of the number_members of a JSON object, and twelve digits together behind RRN, UTR or UPI
//     ("UPI ref. no. 412345678901"): banks and payments have such numbers of their own.
// One in ten random numbers has the right check digit, and none with a single wrong digit or two neighbours
// exchanged: see aadhaar_test.cpp. The time it takes is linear in the text.
//
// Pure and thread-safe. The numbers themselves are never given back.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace astrotalk {

inline constexpr std::array<std::string_view, 2> number_members = {"accountNumber", "paymentReference"};
// Whether a member of that name may hold any number of twelve digits.
constexpr bool is_number_member(std::string_view name) {
    for (const auto& each : number_members)
        if (name == each) return true;
    return false;
}

std::size_t count_aadhaar_numbers(std::string_view text);
// What a request that holds one is told was expected instead; http::problem gives it a code of its own.
inline constexpr std::string_view no_aadhaar_number = "must not hold an Aadhaar number";

inline bool holds_aadhaar_number(std::string_view text) { return count_aadhaar_numbers(text) > 0; }

}  // namespace astrotalk
