// Refusals are values: `result<T, feature::error>` with a closed enum in documented order of precedence.
// Outages throw. Broken invariants end the process (core/verify.hpp).
#pragma once

#include <boost/system/result.hpp>

namespace astrotalk {

template <class T, class E>
using result = boost::system::result<T, E>;

}  // namespace astrotalk
