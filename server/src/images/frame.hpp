// What the worker answers with, on its standard output: "ok COUNT\n", then for each part
// "NAME TYPE WIDTH HEIGHT LENGTH\n" and its bytes; or "refused FAULT\n". Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "images/images.hpp"

namespace astrotalk::images {

using outcome = result<std::vector<part>, fault>;

inline constexpr std::size_t most_parts = 3;
inline constexpr std::size_t longest_part = std::size_t{13} << 20;

std::string to_frame(const outcome& what);
// Nothing unless every byte is as above: a worker that a stranger took over may write anything. Only the
// names and types of `what` are taken, and only bytes that begin as their type does.
std::optional<outcome> from_frame(std::string_view frame, purpose what);

}  // namespace astrotalk::images
