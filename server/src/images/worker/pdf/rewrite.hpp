// PDFs, by qpdf. C++17: its headers have a vector of what they only declare, which C++20's does not bear.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace astrotalk::images::pdf {

enum class fault : std::uint8_t { damaged, too_large, encrypted, active_content };

struct rewritten {
    std::optional<fault> refused;
    std::string bytes;
};

// Refuses what does anything but show pages and link to others (ISO 32000-2, 12.6 actions, 12.5.6.15 file
// attachments, 7.11.4 embedded files, 13 multimedia), and writes the rest anew: what no page refers to, what
// stands before or behind the file, and its metadata are gone. One that is cut short is not mended.
rewritten rewrite(std::string_view bytes);

}  // namespace astrotalk::images::pdf
