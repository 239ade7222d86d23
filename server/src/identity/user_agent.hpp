// What a person recognises a device by. Pure. Thread-safe.
// Source: RFC 9110 §10.1.5; what browsers send has grown by imitation, so order matters.
#pragma once

#include <string>
#include <string_view>

#include "http/http.hpp"
#include "identity/send_limits.hpp"

namespace astrotalk::identity {

// What the client calls itself, at most 512 characters. The SDKs in browsers, which cannot set User-Agent,
// say it in x-amz-user-agent. A view into `in`.
std::string_view agent_of(const http::request& in);

// Where a request of our own apps comes from.
origin sender_of(const http::request& in);

// "Chrome on Android", "AWS SDK on Linux", "Firefox", or "unknown". Of fixed words: nothing of `user_agent`
// is repeated.
std::string describe_agent(std::string_view user_agent);

}  // namespace astrotalk::identity
