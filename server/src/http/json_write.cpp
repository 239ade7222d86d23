#include "http/json_write.hpp"

#include <cmath>

#include "http/json.hpp"

namespace astrotalk::http::detail {
namespace {

template <class T>
void append_characters(std::string& out, T value) {
    std::array<char, 32> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    out.append(text.data(), end);
}

}  // namespace

void append_number(std::string& out, std::int64_t value) { append_characters(out, value); }
void append_number(std::string& out, std::uint64_t value) { append_characters(out, value); }

// JSON has no infinities.
void append_number(std::string& out, double value) {
    if (std::isfinite(value))
        append_characters(out, value);
    else
        out += "null";
}

void append_raw(std::string& out, const raw_json& value) { out += value.text; }

void append_uuid(std::string& out, const uuid& value) {
    out += '"';
    out += value.to_string();
    out += '"';
}

}  // namespace astrotalk::http::detail
