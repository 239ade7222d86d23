// What a person recognises a device by. Pure. Thread-safe.
// Source: RFC 9110 §10.1.5; what browsers send has grown by imitation, so order matters.
#pragma once

#include <string>
#include <string_view>

namespace astrotalk::identity {

// "Chrome on Android", "AWS SDK on Linux", "Firefox", or "unknown". Of fixed words: nothing of `user_agent`
// is repeated.
std::string describe_agent(std::string_view user_agent);

}  // namespace astrotalk::identity
