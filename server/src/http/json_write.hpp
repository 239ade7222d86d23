// Writing described values as JSON: straight to a string, member names known at compile time. Included by
// http/json.hpp.
#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/json_text.hpp"
#include "core/money.hpp"
#include "core/secret.hpp"
#include "http/json_names.hpp"

namespace astrotalk::http {

struct raw_json;

namespace detail {

void append_number(std::string& out, std::int64_t value);
void append_number(std::string& out, std::uint64_t value);
void append_number(std::string& out, double value);
void append_raw(std::string& out, const raw_json& value);
void append_uuid(std::string& out, const uuid& value);

// `"name":` as one literal, so that a member costs one append.
template <class Member>
constexpr auto make_key_text() {
    constexpr std::string_view name = camel_name<Member>;
    std::array<char, name.size() + 3> text{};
    std::size_t at = 0;
    text[at++] = '"';
    for (const char c : name) text[at++] = c;
    text[at++] = '"';
    text[at] = ':';
    return text;
}
template <class Member>
inline constexpr auto key_text = make_key_text<Member>();

}  // namespace detail

// A type outside this list is a compile error, on purpose: nothing is written by accident.
inline void append_json(std::string& out, std::string_view text) { append_json_string(out, text); }
inline void append_json(std::string& out, const std::string& text) { append_json_string(out, text); }
inline void append_json(std::string& out, const char* text) { append_json_string(out, text); }
inline void append_json(std::string& out, std::same_as<bool> auto value) { out += value ? "true" : "false"; }
template <class T>
    requires(std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>)
void append_json(std::string& out, T value) {
    if constexpr (std::is_signed_v<T>)
        detail::append_number(out, static_cast<std::int64_t>(value));
    else
        detail::append_number(out, static_cast<std::uint64_t>(value));
}
inline void append_json(std::string& out, std::floating_point auto value) {
    detail::append_number(out, static_cast<double>(value));
}
inline void append_json(std::string& out, money value) { detail::append_number(out, value.paise); }
inline void append_json(std::string& out, const uuid& value) { detail::append_uuid(out, value); }
inline void append_json(std::string& out, instant at) {
    out += '"';
    append_rfc3339(out, at);
    out += '"';
}
// A described answer that has such a member is the place that decided to tell it.
inline void append_json(std::string& out, const secret& value) { append_json_string(out, value.reveal()); }
inline void append_json(std::string& out, const personal& value) { append_json_string(out, value.reveal()); }
inline void append_json(std::string& out, const raw_json& value) { detail::append_raw(out, value); }
template <class Tag>
void append_json(std::string& out, const id<Tag>& value) {
    detail::append_uuid(out, value.value);
}
template <detail::described_enum E>
void append_json(std::string& out, E value) {
    append_json_string(out, boost::describe::enum_to_string(value, ""));
}
template <class T>
void append_json(std::string& out, const std::optional<T>& value);
template <class T>
void append_json(std::string& out, const std::vector<T>& values);
template <detail::described_struct T>
void append_json(std::string& out, const T& value);

template <class T>
void append_json(std::string& out, const std::optional<T>& value) {
    if (value)
        append_json(out, *value);
    else
        out += "null";
}

template <class T>
void append_json(std::string& out, const std::vector<T>& values) {
    out += '[';
    bool first = true;
    for (const auto& each : values) {
        if (!first) out += ',';
        first = false;
        if constexpr (std::is_same_v<T, bool>)
            append_json(out, static_cast<bool>(each));
        else
            append_json(out, each);
    }
    out += ']';
}

template <detail::described_struct T>
void append_json(std::string& out, const T& value) {
    out += '{';
    [[maybe_unused]] bool first = true;
    boost::mp11::mp_for_each<detail::members_of<T>>([&](auto member) {
        using descriptor = decltype(member);
        const auto& field = value.*descriptor::pointer;
        if constexpr (detail::optional_value<std::remove_cvref_t<decltype(field)>>::value)
            if (!field) return;
        if (!first) out += ',';
        first = false;
        constexpr auto& key = detail::key_text<descriptor>;
        out.append(key.data(), key.size());
        if constexpr (detail::optional_value<std::remove_cvref_t<decltype(field)>>::value)
            append_json(out, *field);
        else
            append_json(out, field);
    });
    out += '}';
}

template <class T>
std::string to_json(const T& value) {
    std::string out;
    out.reserve(256);
    append_json(out, value);
    return out;
}

}  // namespace astrotalk::http
