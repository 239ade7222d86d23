// What this folder's routes share. Not for other folders.
#pragma once

#include "http/json.hpp"
#include "recharge/recharge.hpp"

namespace astrotalk::recharge {

http::response refused(error why);
http::faults fault(std::string pointer, std::string expected);

}  // namespace astrotalk::recharge
