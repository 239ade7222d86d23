// Reading described values from JSON, reporting every fault. Included by http/json.hpp.
// Boost.JSON parses and stays behind `decoder`: this header does not include it.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/money.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "http/json_names.hpp"

namespace boost::json {
class value;
}

namespace astrotalk::http {

struct faults;

// Bounds on what a body may hold. A string counts characters (code points), not bytes.
struct limits {
    std::size_t string = 4000;
    std::size_t array = 1000;
};

// An RFC 3339 instant with any offset and up to six fractional digits; nothing else is accepted.
std::optional<instant> parse_rfc3339(std::string_view text);

namespace detail {

using json_value = boost::json::value;

// Where in the document we are, and what was wrong so far. A failed read has reported itself.
class decoder {
  public:
    decoder(faults& found, limits bounds) : found_(found), limits_(bounds) {}

    void fault(std::string expected);

    bool is_null(const json_value& v) const;
    bool boolean(const json_value& v, bool& out);
    bool integer(const json_value& v, std::int64_t low, std::int64_t high, std::int64_t& out);
    bool number(const json_value& v, double& out);
    bool string(const json_value& v, std::string& out);
    bool identifier(const json_value& v, uuid& out);
    bool point_in_time(const json_value& v, instant& out);
    // One of `names`: its position, or nothing.
    std::optional<std::size_t> one_of(const json_value& v, std::span<const std::string_view> names);

    // The elements of an array, or nothing after a fault.
    std::optional<std::span<const json_value>> array(const json_value& v);
    bool is_object(const json_value& v);
    // Null when it is missing.
    const json_value* member(const json_value& v, std::string_view name) const;
    void refuse_unknown(const json_value& v, std::span<const std::string_view> known);

    // Descends into a member or element for as long as it lives.
    class step {
      public:
        step(decoder& in, std::variant<std::string_view, std::size_t> to) : in_(in) {
            in_.path_.push_back(to);
        }
        ~step() { in_.path_.pop_back(); }
        step(const step&) = delete;

      private:
        decoder& in_;
    };

  private:
    faults& found_;
    limits limits_;
    std::vector<std::variant<std::string_view, std::size_t>> path_;
};

const json_value& element(std::span<const json_value> of, std::size_t at);

// Parses `body` and hands the root to `use`; a malformed document is one fault.
void with_document(std::string_view body, faults& found, void (*use)(void* state, const json_value& root),
                   void* state);

template <described_enum E>
inline constexpr auto enum_names = []<class... D>(boost::mp11::mp_list<D...>) {
    return std::array<std::string_view, sizeof...(D)>{D::name...};
}(boost::mp11::mp_rename<boost::describe::describe_enumerators<E>, boost::mp11::mp_list>());

template <described_enum E>
inline constexpr auto enum_values = []<class... D>(boost::mp11::mp_list<D...>) {
    return std::array<E, sizeof...(D)>{D::value...};
}(boost::mp11::mp_rename<boost::describe::describe_enumerators<E>, boost::mp11::mp_list>());

template <described_struct T>
inline constexpr auto member_names = []<class... D>(boost::mp11::mp_list<D...>) {
    return std::array<std::string_view, sizeof...(D)>{camel_name<D>...};
}(boost::mp11::mp_rename<members_of<T>, boost::mp11::mp_list>());

inline void decode(decoder& d, const json_value& v, bool& out) { d.boolean(v, out); }
inline void decode(decoder& d, const json_value& v, double& out) { d.number(v, out); }
inline void decode(decoder& d, const json_value& v, std::string& out) { d.string(v, out); }
inline void decode(decoder& d, const json_value& v, uuid& out) { d.identifier(v, out); }
inline void decode(decoder& d, const json_value& v, instant& out) { d.point_in_time(v, out); }
inline void decode(decoder& d, const json_value& v, money& out) {
    // The integers that every JSON implementation carries exactly.
    constexpr std::int64_t exact = (std::int64_t{1} << 53) - 1;
    d.integer(v, -exact, exact, out.paise);
}
inline void decode(decoder& d, const json_value& v, secret& out) {
    if (std::string text; d.string(v, text)) out = secret(std::move(text));
}
inline void decode(decoder& d, const json_value& v, personal& out) {
    if (std::string text; d.string(v, text)) out = personal(std::move(text));
}
template <class Tag>
void decode(decoder& d, const json_value& v, id<Tag>& out) {
    d.identifier(v, out.value);
}
template <class T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
void decode(decoder& d, const json_value& v, T& out) {
    static_assert(sizeof(T) < 8 || std::is_signed_v<T>, "unsigned 64-bit numbers do not survive JSON");
    std::int64_t read = 0;
    if (d.integer(v, static_cast<std::int64_t>(std::numeric_limits<T>::min()),
                  static_cast<std::int64_t>(std::numeric_limits<T>::max()), read))
        out = static_cast<T>(read);
}
template <described_enum E>
void decode(decoder& d, const json_value& v, E& out) {
    if (const auto at = d.one_of(v, enum_names<E>)) out = enum_values<E>[*at];
}
template <class T>
void decode(decoder& d, const json_value& v, std::optional<T>& out);
template <class T>
void decode(decoder& d, const json_value& v, std::vector<T>& out);
template <described_struct T>
void decode(decoder& d, const json_value& v, T& out);

// An explicit null means the same as a missing member.
template <class T>
void decode(decoder& d, const json_value& v, std::optional<T>& out) {
    if (!d.is_null(v)) decode(d, v, out.emplace());
}

template <class T>
void decode(decoder& d, const json_value& v, std::vector<T>& out) {
    const auto elements = d.array(v);
    if (!elements) return;
    out.reserve(elements->size());
    for (std::size_t i = 0; i < elements->size(); ++i) {
        const decoder::step into(d, i);
        T each{};
        decode(d, element(*elements, i), each);
        out.push_back(std::move(each));
    }
}

template <described_struct T>
void decode(decoder& d, const json_value& v, T& out) {
    if (!d.is_object(v)) return;
    boost::mp11::mp_for_each<members_of<T>>([&](auto descriptor) {
        using member = decltype(descriptor);
        auto& field = out.*member::pointer;
        const decoder::step into(d, camel_name<member>);
        if (const auto* value = d.member(v, camel_name<member>))
            decode(d, *value, field);
        else if constexpr (!optional_value<std::remove_cvref_t<decltype(field)>>::value)
            d.fault("is required");
    });
    d.refuse_unknown(v, member_names<T>);
}

}  // namespace detail

// T, or every fault of the body. T is default-constructible; members that were not read keep their default.
template <class T>
result<T, faults> from_json(std::string_view body, limits bounds = {});

}  // namespace astrotalk::http
