// A query as a whole, before any of its parameters is asked for.
//
// Pure.
#pragma once

#include <string_view>

namespace astrotalk::http {

// Whether every parameter of it can be decoded: a broken one would read as if it were not there.
bool is_well_formed_query(std::string_view query);

}  // namespace astrotalk::http
