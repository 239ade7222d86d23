// What the sandbox's own pages share.
#pragma once

#include <string>
#include <string_view>

#include "core/clock.hpp"

namespace sandbox {

// For text and for attributes in double quotes.
std::string escape_html(std::string_view text);
// "23 Nov, 14:30:05", as people in India read it; the country has one zone and no summer time.
std::string short_time_in_india(astrotalk::instant at);

}  // namespace sandbox
