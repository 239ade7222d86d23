#include "core/aadhaar.hpp"

#include <array>
#include <string>

namespace astrotalk {
namespace {

constexpr std::size_t length = 12, group = 4;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
bool is_hex(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }
bool is_separator(char c) { return c == ' ' || c == '-' || c == '.' || c == '/'; }

// The dihedral group of order ten, and its permutations (J. Verhoeff, 1969).
bool has_check_digit(std::string_view digits) {
    constexpr std::array<std::array<int, 10>, 10> product = {{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
                                                              {1, 2, 3, 4, 0, 6, 7, 8, 9, 5},
                                                              {2, 3, 4, 0, 1, 7, 8, 9, 5, 6},
                                                              {3, 4, 0, 1, 2, 8, 9, 5, 6, 7},
                                                              {4, 0, 1, 2, 3, 9, 5, 6, 7, 8},
                                                              {5, 9, 8, 7, 6, 0, 4, 3, 2, 1},
                                                              {6, 5, 9, 8, 7, 1, 0, 4, 3, 2},
                                                              {7, 6, 5, 9, 8, 2, 1, 0, 4, 3},
                                                              {8, 7, 6, 5, 9, 3, 2, 1, 0, 4},
                                                              {9, 8, 7, 6, 5, 4, 3, 2, 1, 0}}};
    constexpr std::array<std::array<int, 10>, 8> permuted = {{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
                                                              {1, 5, 7, 6, 2, 8, 3, 0, 9, 4},
                                                              {5, 8, 0, 3, 7, 9, 6, 1, 4, 2},
                                                              {8, 9, 1, 6, 0, 4, 3, 5, 2, 7},
                                                              {9, 4, 5, 3, 1, 2, 6, 8, 7, 0},
                                                              {4, 2, 8, 6, 5, 7, 3, 9, 0, 1},
                                                              {2, 7, 9, 3, 8, 0, 6, 4, 1, 5},
                                                              {7, 0, 4, 6, 9, 1, 3, 2, 5, 8}}};
    std::size_t sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const auto digit = static_cast<std::size_t>(digits[digits.size() - 1 - i] - '0');
        sum = static_cast<std::size_t>(product[sum][static_cast<std::size_t>(permuted[i % 8][digit])]);
    }
    return sum == 0;
}

// Devanagari digits become ASCII ones, and the space that does not break an ordinary one.
std::string plain(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto at = [&](std::size_t n) { return static_cast<unsigned char>(text[i + n]); };
        if (i + 2 < text.size() && at(0) == 0xe0 && at(1) == 0xa5 && at(2) >= 0xa6 && at(2) <= 0xaf) {
            out += static_cast<char>('0' + (at(2) - 0xa6));
            i += 2;
        } else if (i + 1 < text.size() && at(0) == 0xc2 && at(1) == 0xa0) {
            out += ' ';
            i += 1;
        } else {
            out += text[i];
        }
    }
    return out;
}

// 8-4-4-4-12 in hex, as a whole.
bool is_uuid_at(std::string_view text, std::size_t at) {
    constexpr std::size_t size = 36;
    if (at + size > text.size()) return false;
    for (std::size_t i = 0; i < size; ++i) {
        const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen ? text[at + i] != '-' : !is_hex(text[at + i])) return false;
    }
    return true;
}

// A long word of hex digits around [from, to): a hash, a trace, a key.
bool is_in_hex(std::string_view text, std::size_t from, std::size_t to) {
    while (from > 0 && is_hex(text[from - 1])) --from;
    while (to < text.size() && is_hex(text[to])) ++to;
    const bool ends =
        (from == 0 || !is_letter(text[from - 1])) && (to == text.size() || !is_letter(text[to]));
    return ends && to - from >= 16;
}

bool is_instant(std::string_view d) {
    const auto two = [&](std::size_t at) { return (d[at] - '0') * 10 + (d[at + 1] - '0'); };
    const int month = two(4), day = two(6);
    return d[0] == '2' && d[1] == '0' && (d[2] == '2' || d[2] == '3') && month >= 1 && month <= 12 &&
           day >= 1 && day <= 31 && two(8) <= 23 && two(10) <= 59;
}

bool is_account_number(std::string_view text, std::size_t at) {
    constexpr std::string_view before = "\":\"";
    const auto name = text.substr(0, at);
    return name.ends_with(before) && name.substr(0, at - before.size()).ends_with(account_number_member);
}

bool is_number(std::string_view digits) { return digits[0] >= '2' && has_check_digit(digits); }

bool is_whole(std::string_view text, std::size_t at, std::size_t to) {
    const auto digits = text.substr(at, length);
    const auto before = at == 0 ? ' ' : text[at - 1];
    if (before == '+' || is_in_hex(text, at, to) || is_instant(digits)) return false;
    if (is_account_number(text, at)) return false;
    if (digits.starts_with("91") && digits[2] >= '6') return false;
    if (before == '.' && at > 1 && is_digit(text[at - 2])) return false;
    if (to + 1 < text.size() && text[to] == '.' && is_digit(text[to + 1])) return false;
    return is_number(digits);
}

// `at` is the first of four digits that stand alone; the number must end before `end`.
bool is_grouped(std::string_view text, std::size_t at) {
    constexpr std::size_t whole = length + 2;
    if (at + whole > text.size()) return false;
    std::string digits;
    for (std::size_t i = 0; i < whole; ++i) {
        const char c = text[at + i];
        const bool between = i == group || i == 2 * group + 1;
        if (between ? !is_separator(c) : !is_digit(c)) return false;
        if (!between) digits += c;
    }
    const auto to = at + whole;
    if (to < text.size() && is_digit(text[to])) return false;
    const auto is_group_at = [&](std::size_t from) {
        if (from + group > text.size()) return false;
        for (std::size_t i = 0; i < group; ++i)
            if (!is_digit(text[from + i])) return false;
        return from + group == text.size() || !is_digit(text[from + group]);
    };
    if (to + 1 < text.size() && text[to] == text[at + group] && is_group_at(to + 1)) return false;
    if (at > 0 && text[at - 1] == '+') return false;
    if (at > 1 && is_separator(text[at - 1]) && is_digit(text[at - 2])) {
        auto from = at - 1;
        while (from > 0 && is_digit(text[from - 1])) --from;
        if (at - 1 - from == group || (from > 0 && text[from - 1] == '+')) return false;
    }
    return is_number(digits);
}

}  // namespace

std::size_t count_aadhaar_numbers(std::string_view raw) {
    if (raw.size() < length) return 0;
    const std::string text = plain(raw);
    std::size_t found = 0;
    for (std::size_t at = 0; at < text.size();) {
        const bool starts = at == 0 || !is_hex(text[at - 1]);
        if (starts && is_hex(text[at]) && is_uuid_at(text, at)) {
            at += 36;
            continue;
        }
        if (!is_digit(text[at])) {
            ++at;
            continue;
        }
        auto to = at;
        while (to < text.size() && is_digit(text[to])) ++to;
        if (to - at == length && is_whole(text, at, to)) ++found;
        if (to - at == group && is_grouped(text, at)) {
            ++found;
            to = at + length + 2;
        }
        at = to;
    }
    return found;
}

}  // namespace astrotalk
