#include "onboarding/domain.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace astrotalk::onboarding {
namespace {

void drop_repeated(std::vector<std::string>& codes) {
    std::vector<std::string> once;
    for (auto& code : codes)
        if (std::ranges::find(once, code) == once.end()) once.push_back(std::move(code));
    codes = std::move(once);
}

// One code point at `at`, which it moves on; nothing where the bytes are not its shortest UTF-8 form.
std::optional<char32_t> next_code_point(std::string_view text, std::size_t& at) {
    const auto first = static_cast<unsigned char>(text[at++]);
    if (first < 0x80) return first;
    const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4 || at + static_cast<std::size_t>(more) > text.size())
        return std::nullopt;
    char32_t point = first & (0x3fU >> more);
    for (int i = 0; i < more; ++i) {
        const auto next = static_cast<unsigned char>(text[at++]);
        if ((next & 0xc0) != 0x80) return std::nullopt;
        point = point << 6 | (next & 0x3fU);
    }
    constexpr std::array<char32_t, 4> lowest = {0, 0x80, 0x800, 0x10000};
    if (point < lowest[static_cast<std::size_t>(more)] || point > 0x10ffff ||
        (point >= 0xd800 && point < 0xe000))
        return std::nullopt;
    return point;
}

bool is_unprintable(char32_t point) {
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || (point >= 0x202a && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069);
}

// Spaces, and what is drawn as nothing at all.
bool is_blank(char32_t point) {
    constexpr std::array<char32_t, 7> alone = {0x20, 0xa0, 0xad, 0x1680, 0x2800, 0x3000, 0x3164};
    return point < 0x20 || (point >= 0x2000 && point <= 0x200f) || (point >= 0x2028 && point <= 0x202f) ||
           (point >= 0x205f && point <= 0x206f) || point == 0xfeff ||
           std::ranges::find(alone, point) != alone.end();
}

void check_text(faults& out, const char* pointer, std::string_view text, std::size_t least, std::size_t most,
                bool multiline = false) {
    const auto length = printable_length(text, multiline);
    if (!length || *length < least || *length > most)
        out.emplace_back(pointer, fmt::format("{} to {} printable characters", least, most));
}

void check_codes(faults& out, const char* pointer, const std::vector<std::string>& codes,
                 std::span<const std::string_view> known, std::size_t most) {
    if (codes.size() > most) out.emplace_back(pointer, fmt::format("at most {} codes", most));
    for (std::size_t i = 0; i < codes.size(); ++i)
        if (std::ranges::find(known, codes[i]) == known.end())
            out.emplace_back(fmt::format("{}/{}", pointer, i),
                             fmt::format("one of {}", fmt::join(known, ", ")));
}

}  // namespace

std::optional<std::size_t> printable_length(std::string_view text, bool multiline) {
    std::size_t count = 0;
    bool visible = false;
    for (std::size_t at = 0; at < text.size(); ++count) {
        const auto point = next_code_point(text, at);
        if (!point || (is_unprintable(*point) && !(multiline && *point == '\n'))) return std::nullopt;
        visible = visible || !is_blank(*point);
    }
    return visible ? count : 0;
}

std::string trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n";
    const auto from = text.find_first_not_of(blank);
    if (from == std::string_view::npos) return {};
    return std::string(text.substr(from, text.find_last_not_of(blank) - from + 1));
}

profile_draft tidied(profile_draft sent) {
    sent.display_name = trimmed(sent.display_name);
    sent.bio = trimmed(sent.bio);
    sent.city = trimmed(sent.city);
    std::erase(sent.bio, '\r');
    drop_repeated(sent.languages);
    drop_repeated(sent.specializations);
    return sent;
}

faults check(const profile_draft& draft) {
    faults out;
    check_text(out, "/displayName", draft.display_name, 2, 60);
    check_text(out, "/bio", draft.bio, 0, 2000, true);
    check_codes(out, "/languages", draft.languages, languages, 10);
    check_codes(out, "/specializations", draft.specializations, specializations, 10);
    if (draft.experience_years < 0 || draft.experience_years > 80)
        out.emplace_back("/experienceYears", "0 to 80");
    check_text(out, "/city", draft.city, 0, 80);
    return out;
}

faults missing(const profile& saved) {
    faults out;
    if (saved.bio.empty()) out.emplace_back("/bio", "a few words about yourself");
    if (saved.languages.empty()) out.emplace_back("/languages", "at least one language");
    if (saved.specializations.empty()) out.emplace_back("/specializations", "at least one specialization");
    if (saved.city.empty()) out.emplace_back("/city", "a city");
    return out;
}

faults check(const channel_prices& sent) {
    faults out;
    for (const channel each : every_channel)
        if (const auto& price = sent.of(each); price && (*price < lowest_price || *price > highest_price))
            out.emplace_back(fmt::format("/{}", name_of(each)),
                             fmt::format("{} to {} paise", lowest_price.paise, highest_price.paise));
    return out;
}

faults check_reason(std::string_view reason) {
    faults out;
    check_text(out, "/reason", trimmed(reason), 1, 500, true);
    return out;
}

}  // namespace astrotalk::onboarding
