// The two pieces of JSON text that everything that writes JSON needs.
#pragma once

#include <string>
#include <string_view>

#include "core/clock.hpp"

namespace astrotalk {

// Appends `text` quoted and escaped (RFC 8259). Invalid UTF-8 is passed through: inputs are checked where
// they enter.
void append_json_string(std::string& out, std::string_view text);

// Appends an RFC 3339 instant in UTC with as many fractional digits as needed (0, 3 or 6):
// 2026-11-22T20:19:00Z. A year that four digits cannot say becomes the nearest that they can.
void append_rfc3339(std::string& out, instant at);

}  // namespace astrotalk
