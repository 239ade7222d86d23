// What staff see of a phone number.
#pragma once

#include <string>

#include "core/secret.hpp"

namespace astrotalk {

// Enough to recognise a number in E.164 by, too little to call it: "+91******1234"; six stars for what is not
// a number, such as one that did not open. Pure.
std::string masked_phone(const personal& number);

}  // namespace astrotalk
