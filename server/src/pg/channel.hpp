// How channels travel from PostgreSQL: a channel is its name (text), prices are
// `array[chat_price, call_price, video_price]` (bigint[], null where a channel is off). Found by pg/codec.hpp
// through the types' own namespace; a file that reads a row with one of them includes this.
#pragma once

#include <string>
#include <vector>

#include "core/channel.hpp"
#include "pg/codec.hpp"

namespace astrotalk {

inline bool accepts(pg::oid type, const channel*) {
    return pg::detail::accepts(type, static_cast<const std::string*>(nullptr));
}
inline bool read(pg::cell from, channel& to) {
    const auto known = channel_named({from.data, static_cast<std::size_t>(from.size)});
    if (known) to = *known;
    return known.has_value();
}

inline bool accepts(pg::oid type, const channel_prices*) {
    return pg::detail::accepts(type, static_cast<const std::vector<std::int64_t>*>(nullptr));
}
inline bool read(pg::cell from, channel_prices& to) {
    pg::detail::array_reader elements(from);
    if (!elements.valid() || elements.left() != every_channel.size()) return false;
    return pg::detail::read_nullable(elements.next(), to.chat) &&
           pg::detail::read_nullable(elements.next(), to.call) &&
           pg::detail::read_nullable(elements.next(), to.video);
}

}  // namespace astrotalk
