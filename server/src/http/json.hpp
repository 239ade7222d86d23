// JSON over described structs (BOOST_DESCRIBE_STRUCT), both ways. Member names are snake_case in C++ and
// camelCase on the wire.
//
// Writing: `to_json(value)` for described structs, std::string, bool, integers, double, money (paise), ids,
// instants (RFC 3339), described enums (by name), secret and personal (revealed), vector, optional (absent
// when empty), and `raw_json`. Reading: `from_json<T>(body)` gives T, or every fault at once: its JSON
// pointer and the expected form, never the value. Unknown members are a fault; a missing optional is not.
// Depth ≤ 16, and T's strings and arrays are bounded by `limits`.
#pragma once
// Implemented in this folder; declared here so that features may be written against it.

#include <boost/describe.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/money.hpp"
#include "core/result.hpp"
#include "http/http.hpp"

namespace astrotalk::http {

struct raw_json {
    std::string text;
};

struct faults {
    std::vector<std::pair<std::string, std::string>> list;  // pointer, expected
    bool malformed = false;                                 // not JSON at all, or nested too deep
};

}  // namespace astrotalk::http

#include "http/json_read.hpp"   // template <class T> result<T, faults> from_json(std::string_view body);
#include "http/json_write.hpp"  // template <class T> std::string to_json(const T& value);

namespace astrotalk::http {

// 422 `invalid_request` that lists the faults, or 400 `malformed_json`.
response problem(const faults& what);

template <class T>
result<T, faults> from_json(std::string_view body, limits bounds) {
    struct state {
        T value{};
        faults found;
        limits bounds;
    } s{{}, {}, bounds};
    detail::with_document(
        body, s.found,
        [](void* opaque, const detail::json_value& root) {
            auto& into = *static_cast<state*>(opaque);
            detail::decoder d(into.found, into.bounds);
            detail::decode(d, root, into.value);
        },
        &s);
    if (s.found.malformed || !s.found.list.empty())
        return {boost::system::in_place_error, std::move(s.found)};
    return {boost::system::in_place_value, std::move(s.value)};
}

template <class T>
response ok(const T& value, int status = 200) {
    response r;
    r.status = status;
    r.body = to_json(value);
    return r;
}

}  // namespace astrotalk::http
