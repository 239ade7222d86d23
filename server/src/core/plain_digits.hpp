// Text as somebody would read it who looks for numbers: the digits of India's scripts and of full width as
// ASCII ones, dashes as hyphens, blanks as spaces, and what has no width left out.
//
// Pure. Bytes that are no UTF-8 stay as they are.
#pragma once

#include <string>
#include <string_view>

namespace astrotalk {

std::string with_plain_digits(std::string_view text);

}  // namespace astrotalk
