// Text from elsewhere that is to be kept although an Aadhaar number may be in it.
//
// Pure and thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace astrotalk {

// Of each number that count_aadhaar_numbers finds only the last four digits: "XXXXXXXX2346".
std::string with_masked_aadhaar_numbers(std::string_view text);

}  // namespace astrotalk
