// What a review may say. Pure.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

namespace astrotalk::reviews {

// Why a request is refused, in order of precedence.
enum class error : std::uint8_t {
    not_found,      // no such booking, or review
    not_completed,  // there was no consultation that was paid for
    too_late,       // 30 days after it was written, or staff have removed it
};

enum class standing : std::uint8_t { visible, held, removed };
BOOST_DESCRIBE_ENUM(standing, visible, held, removed)

// What keeps a text from being published, or nothing: it is too long or not printable, or holds what may be
// somebody's phone number: ten digits or more, written together or with what people put between them. Latin
// and Devanagari digits count. Aadhaar numbers are refused with every JSON text.
std::optional<std::string_view> fault_of(std::string_view text, std::size_t least, std::size_t most);

}  // namespace astrotalk::reviews
