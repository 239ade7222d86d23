#include "core/plain_digits.hpp"

#include <array>

namespace astrotalk {
namespace {

// Arabic and Urdu; Devanagari, Bengali, Gurmukhi, Gujarati, Oriya, Tamil, Telugu, Kannada, Malayalam; Ol
// Chiki; Meetei Mayek; full width.
constexpr std::array<char32_t, 14> zeros = {0x660, 0x6f0, 0x966, 0x9e6, 0xa66,  0xae6,  0xb66,
                                            0xbe6, 0xc66, 0xce6, 0xd66, 0x1c50, 0xabf0, 0xff10};

struct character {
    char32_t code = 0;
    std::size_t size = 1;
};

// Of two or three bytes, which is where all of the above are; else a single byte with the code 0.
character read_at(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t n) -> char32_t {
        return at + n < text.size() ? static_cast<unsigned char>(text[at + n]) : 0;
    };
    const auto follows = [&](std::size_t n) { return (byte(n) & 0xc0) == 0x80; };
    if (byte(0) >= 0xc2 && byte(0) <= 0xdf && follows(1))
        return {(byte(0) & 0x1f) << 6 | (byte(1) & 0x3f), 2};
    if (byte(0) >= 0xe0 && byte(0) <= 0xef && follows(1) && follows(2))
        return {(byte(0) & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f), 3};
    return {};
}

// What it reads as, '\0' for what has no width, or '?' for anything else.
char plain(char32_t code) {
    for (const char32_t zero : zeros)
        if (code >= zero && code < zero + 10) return static_cast<char>('0' + (code - zero));
    switch (code) {
        case 0xad:    // soft hyphen
        case 0x2060:  // word joiner
        case 0xfeff: return '\0';
        case 0xa0:  // no-break space
        case 0x202f:
        case 0x205f:
        case 0x3000: return ' ';
        case 0x2043:
        case 0x2212:  // minus
        case 0xfe58:
        case 0xfe63:
        case 0xff0d: return '-';
        case 0xb7:  // middle dot
        case 0x2024:
        case 0x2027:
        case 0xff0e: return '.';
        case 0x2044:
        case 0x2215:
        case 0xff0f: return '/';
        default: break;
    }
    if (code >= 0x2000 && code <= 0x200a) return ' ';
    if (code >= 0x200b && code <= 0x200f) return '\0';
    if (code >= 0x2010 && code <= 0x2015) return '-';  // non-breaking hyphen, figure, en and em dash
    return '?';
}

}  // namespace

std::string with_plain_digits(std::string_view text, std::vector<std::size_t>* origins) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        std::size_t size = 1;
        if (static_cast<unsigned char>(text[at]) < 0x80) {
            out += text[at] == '\t' ? ' ' : text[at];
        } else {
            const auto seen = read_at(text, at);
            size = seen.size;
            const char read = seen.code == 0 ? '?' : plain(seen.code);
            if (read == '?')
                out += text.substr(at, size);
            else if (read != '\0')
                out += read;
        }
        if (origins) origins->resize(out.size(), at);
        at += size;
    }
    return out;
}

}  // namespace astrotalk
