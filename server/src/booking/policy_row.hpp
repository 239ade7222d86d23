// How a policy travels from PostgreSQL: as the text of its JSON. Found by pg/codec.hpp through the type's own
// namespace; a file that reads a row with one includes this.
#pragma once

#include "booking/policy.hpp"
#include "pg/codec.hpp"

namespace astrotalk::booking {

inline bool accepts(pg::oid type, const policy*) {
    return pg::detail::accepts(type, static_cast<const std::string*>(nullptr));
}
inline bool read(pg::cell from, policy& to) {
    auto known = parse_policy({from.data, static_cast<std::size_t>(from.size)});
    if (known) to = std::move(*known);
    return known.has_value();
}

}  // namespace astrotalk::booking
