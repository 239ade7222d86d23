#include "images/frame.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace astrotalk::images {
namespace {

constexpr std::array<std::string_view, 7> names = {
    "wrong_type", "damaged", "too_small", "too_large", "encrypted", "active_content", "not_processed"};
constexpr std::array<std::string_view, 4> types = {"image/jpeg", "image/png", "image/webp",
                                                   "application/pdf"};

// The bytes up to the next `end`, which is taken too.
std::optional<std::string_view> take(std::string_view& from, char end) {
    const auto at = from.find(end);
    if (at == from.npos || at > 64) return std::nullopt;
    const auto word = from.substr(0, at);
    from.remove_prefix(at + 1);
    return word;
}

std::optional<std::int32_t> take_number(std::string_view& from, char end, std::int32_t most) {
    const auto word = take(from, end);
    if (!word) return std::nullopt;
    std::int32_t number = -1;
    const auto [rest, failure] = std::from_chars(word->data(), word->data() + word->size(), number);
    if (failure != std::errc{} || rest != word->data() + word->size() || number < 0 || number > most)
        return std::nullopt;
    return number;
}

bool is_webp(std::string_view bytes) {
    return bytes.size() > 16 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP";
}

bool expected(const part& one, purpose what) {
    if (what == purpose::document && one.name == "file")
        return one.type == "application/pdf" && one.bytes.starts_with("%PDF-");
    const bool named = what == purpose::document
                           ? one.name == "page"
                           : one.name == "thumb" || one.name == "card" || one.name == "full";
    return named && one.type == "image/webp" && one.width > 0 && one.height > 0 && is_webp(one.bytes);
}

std::optional<part> take_part(std::string_view& from, purpose what) {
    const auto name = take(from, ' '), type = take(from, ' ');
    const auto width = take_number(from, ' ', 10'000), height = take_number(from, ' ', 10'000);
    const auto length = take_number(from, '\n', longest_part);
    if (!name || !type || !width || !height || !length || std::size_t(*length) > from.size())
        return std::nullopt;
    part one{std::string(*name), std::string(*type), *width, *height,
             std::string(from.substr(0, std::size_t(*length)))};
    from.remove_prefix(std::size_t(*length));
    if (!expected(one, what)) return std::nullopt;
    return one;
}

std::optional<outcome> refusal_in(std::string_view from) {
    const auto name = take(from, '\n');
    const auto found = name ? std::ranges::find(names, *name) : names.end();
    if (found == names.end() || !from.empty()) return std::nullopt;
    return outcome(static_cast<fault>(found - names.begin()));
}

}  // namespace

std::string_view name_of(fault why) { return names[static_cast<std::size_t>(why)]; }

std::span<const std::string_view> types_for(purpose what) {
    return std::span(types).first(what == purpose::photo ? 3 : 4);
}

std::string to_frame(const outcome& what) {
    if (!what) return fmt::format("refused {}\n", name_of(what.error()));
    auto frame = fmt::format("ok {}\n", what->size());
    for (const auto& one : *what) {
        frame += fmt::format("{} {} {} {} {}\n", one.name, one.type, one.width, one.height, one.bytes.size());
        frame += one.bytes;
    }
    return frame;
}

std::optional<outcome> from_frame(std::string_view frame, purpose what) {
    const auto word = take(frame, ' ');
    if (word == "refused") return refusal_in(frame);
    const auto count = take_number(frame, '\n', most_parts);
    if (word != "ok" || !count || *count != (what == purpose::photo ? 3 : 1)) return std::nullopt;
    std::vector<part> parts;
    for (int i = 0; i < *count; ++i) {
        auto one = take_part(frame, what);
        if (!one || std::ranges::find(parts, one->name, &part::name) != parts.end()) return std::nullopt;
        parts.push_back(std::move(*one));
    }
    if (!frame.empty()) return std::nullopt;
    return outcome(std::move(parts));
}

}  // namespace astrotalk::images
