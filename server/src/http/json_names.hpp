// The wire names of described members: snake_case in C++ becomes camelCase, at compile time.
#pragma once

#include <array>
#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

namespace astrotalk::http::detail {

template <class T>
using members_of =
    boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

template <class T>
concept described_struct = boost::describe::has_describe_members<T>::value && !std::is_union_v<T>;
template <class T>
concept described_enum = boost::describe::has_describe_enumerators<T>::value;

template <class T>
struct optional_value : std::false_type {};
template <class T>
struct optional_value<std::optional<T>> : std::true_type {
    using type = T;
};
template <class T>
struct vector_value : std::false_type {};
template <class T>
struct vector_value<std::vector<T>> : std::true_type {
    using type = T;
};

template <std::size_t Size>
struct fixed_name {
    std::array<char, Size> text{};
    std::size_t length = 0;
};

// A trailing underscore, which only keeps a name off a C++ keyword, is not part of the wire name.
template <class Member>
constexpr auto make_camel_name() {
    constexpr std::string_view snake = Member::name;
    fixed_name<snake.size() + 1> camel;
    bool upper = false;
    for (const char c : snake) {
        if (c == '_') {
            upper = true;
            continue;
        }
        camel.text[camel.length++] = upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        upper = false;
    }
    return camel;
}

template <class Member>
inline constexpr auto camel_storage = make_camel_name<Member>();
template <class Member>
inline constexpr std::string_view camel_name{camel_storage<Member>.text.data(), camel_storage<Member>.length};

}  // namespace astrotalk::http::detail
