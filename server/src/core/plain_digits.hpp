// Text as somebody would read it who looks for numbers: the digits of India's scripts and of full width as
// ASCII ones, dashes as hyphens, blanks as spaces, and what has no width left out.
//
// Pure. Bytes that are no UTF-8 stay as they are.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace astrotalk {

// `origins`, when it is given: where each character of the result began in `text`.
std::string with_plain_digits(std::string_view text, std::vector<std::size_t>* origins = nullptr);

}  // namespace astrotalk
