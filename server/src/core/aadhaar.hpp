// Aadhaar numbers in text: a full one is stored nowhere, so it is refused where it enters and looked for
// where it might have come to lie.
//
// A number is twelve digits, the first of them 2 to 9, the last the Verhoeff check digit of the others,
// written together or as 4-4-4 with a space, hyphen, dot or slash between; Devanagari digits count as digits.
// Of what looks alike, these are let pass, so that nothing else is refused:
//   - a part of something longer: more digits around it, a fourth group of four, a UUID, a token in hex;
//   - phones: behind a +, or twelve digits together of which the first are 91 and 6 to 9;
//   - numbers with a fraction, and instants written together, 2020 to 2039 (202611230924);
//   - what is the account_number_member of a JSON object: a bank may give an account such a number.
// One in ten random numbers has the right check digit, and none with a single wrong digit or two neighbours
// exchanged: see aadhaar_test.cpp.
//
// Pure and thread-safe. The numbers themselves are never given back.
#pragma once

#include <cstddef>
#include <string_view>

namespace astrotalk {

inline constexpr std::string_view account_number_member = "accountNumber";

std::size_t count_aadhaar_numbers(std::string_view text);
// What a request that holds one is told was expected instead; http::problem gives it a code of its own.
inline constexpr std::string_view no_aadhaar_number = "must not hold an Aadhaar number";

inline bool holds_aadhaar_number(std::string_view text) { return count_aadhaar_numbers(text) > 0; }

}  // namespace astrotalk
