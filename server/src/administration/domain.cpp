#include "administration/domain.hpp"

#include <charconv>

namespace astrotalk::administration {

std::string to_cursor(const queue_position& at) {
    return std::to_string(at.submitted_at.time_since_epoch().count()) + "." + at.id.to_string();
}

std::optional<queue_position> from_cursor(std::string_view cursor) {
    std::int64_t micros = 0;
    const auto end = cursor.data() + cursor.size();
    const auto [dot, failure] = std::from_chars(cursor.data(), end, micros);
    if (failure != std::errc{} || dot == end || *dot != '.') return std::nullopt;
    // Beyond these years PostgreSQL has no timestamp.
    if (micros < 0 || micros > 253'402'300'799'000'000) return std::nullopt;
    const auto id = uuid::parse({dot + 1, end});
    if (!id) return std::nullopt;
    return queue_position{instant(std::chrono::microseconds(micros)), *id};
}

}  // namespace astrotalk::administration
