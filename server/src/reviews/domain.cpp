#include "reviews/domain.hpp"

namespace astrotalk::reviews {
namespace {

// The shortest that could be dialled.
constexpr int digits_of_a_phone = 10;

// How many bytes of `text` at `at` are one digit, or 0.
std::size_t digit_at(std::string_view text, std::size_t at) {
    if (text[at] >= '0' && text[at] <= '9') return 1;
    // U+0966 to U+096F: E0 A5 A6 to E0 A5 AF.
    const auto part = text.substr(at, 3);
    return part.size() == 3 && part[0] == '\xe0' && part[1] == '\xa5' && part[2] >= '\xa6' &&
                   part[2] <= '\xaf'
               ? 3
               : 0;
}

bool joins_digits(char c) { return std::string_view(" -.()/+\t\n").find(c) != std::string_view::npos; }

bool holds_phone_number(std::string_view text) {
    int digits = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (const auto size = digit_at(text, at); size > 0) {
            if (++digits == digits_of_a_phone) return true;
            at += size;
            continue;
        }
        if (!joins_digits(text[at])) digits = 0;
        ++at;
    }
    return false;
}

}  // namespace

std::optional<std::string_view> fault_of(std::string_view text, std::size_t least, std::size_t most) {
    std::size_t characters = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\n') || byte == 0x7f) return "printable characters";
        characters += (byte & 0xc0) != 0x80 ? 1 : 0;
    }
    if (characters > most) return "a shorter text";
    if (characters < least || (least > 0 && text.find_first_not_of(" \n") == text.npos)) return "a text";
    if (holds_phone_number(text)) return "must not hold a phone number";
    return std::nullopt;
}

}  // namespace astrotalk::reviews
