#include "http/json_read.hpp"

#include <algorithm>
#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "core/aadhaar.hpp"
#include "http/json.hpp"

namespace astrotalk::http {
namespace {

namespace json = boost::json;

// Enough to repair a form; a hostile body does not get a longer answer than it sent.
constexpr std::size_t most_faults = 50;
constexpr std::size_t deepest = 16;

void append_escaped(std::string& pointer, std::string_view name) {
    for (const char c : name) {
        if (c == '~')
            pointer += "~0";
        else if (c == '/')
            pointer += "~1";
        else
            pointer += c;
    }
}

// Valid UTF-8 is assured by the parser.
std::size_t count_characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// Exactly `width` digits at `at`, or -1; moves past them.
int take_digits(std::string_view text, std::size_t& at, std::size_t width) {
    if (at + width > text.size()) return -1;
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
        const char c = text[at++];
        if (c < '0' || c > '9') return -1;
        value = value * 10 + (c - '0');
    }
    return value;
}

bool take(std::string_view text, std::size_t& at, std::string_view any_of) {
    return at < text.size() && any_of.find(text[at++]) != std::string_view::npos;
}

// The rest of an RFC 3339 time: fraction and offset.
std::optional<std::chrono::microseconds> take_fraction(std::string_view text, std::size_t& at) {
    std::int64_t micros = 0;
    if (at >= text.size() || text[at] != '.') return std::chrono::microseconds(0);
    std::size_t digits = 0;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
        if (++digits > 6) return std::nullopt;
        micros = micros * 10 + (text[at] - '0');
    }
    if (digits == 0) return std::nullopt;
    for (; digits < 6; ++digits) micros *= 10;
    return std::chrono::microseconds(micros);
}

std::optional<std::chrono::minutes> take_offset(std::string_view text, std::size_t& at) {
    if (at >= text.size()) return std::nullopt;
    const char sign = text[at++];
    if (sign == 'Z' || sign == 'z') return std::chrono::minutes(0);
    if (sign != '+' && sign != '-') return std::nullopt;
    const int hours = take_digits(text, at, 2);
    if (hours < 0 || hours > 23 || !take(text, at, ":")) return std::nullopt;
    const int minutes = take_digits(text, at, 2);
    if (minutes < 0 || minutes > 59) return std::nullopt;
    return std::chrono::minutes((sign == '-' ? -1 : 1) * (hours * 60 + minutes));
}

}  // namespace

std::optional<instant> parse_rfc3339(std::string_view text) {
    using namespace std::chrono;
    std::size_t at = 0;
    const int y = take_digits(text, at, 4);
    if (y < 0 || !take(text, at, "-")) return std::nullopt;
    const int mo = take_digits(text, at, 2);
    if (mo < 0 || !take(text, at, "-")) return std::nullopt;
    const int d = take_digits(text, at, 2);
    if (d < 0 || !take(text, at, "Tt ")) return std::nullopt;
    const int h = take_digits(text, at, 2);
    if (h < 0 || h > 23 || !take(text, at, ":")) return std::nullopt;
    const int mi = take_digits(text, at, 2);
    if (mi < 0 || mi > 59 || !take(text, at, ":")) return std::nullopt;
    const int s = take_digits(text, at, 2);
    if (s < 0 || s > 59) return std::nullopt;
    const auto fraction = take_fraction(text, at);
    if (!fraction) return std::nullopt;
    const auto offset = take_offset(text, at);
    if (!offset || at != text.size()) return std::nullopt;
    const year_month_day date{year(y), month(static_cast<unsigned>(mo)), day(static_cast<unsigned>(d))};
    if (!date.ok()) return std::nullopt;
    return instant(sys_days(date)) + hours(h) + minutes(mi) + seconds(s) + *fraction - *offset;
}

namespace detail {

void decoder::fault(std::string expected) {
    if (found_.list.size() >= most_faults) return;
    std::string pointer;
    for (const auto& part : path_) {
        pointer += '/';
        if (part.index() == 0)
            append_escaped(pointer, std::get<0>(part));
        else
            pointer += std::to_string(std::get<1>(part));
    }
    found_.list.emplace_back(std::move(pointer), std::move(expected));
}

bool decoder::is_null(const json_value& v) const { return v.is_null(); }

bool decoder::boolean(const json_value& v, bool& out) {
    if (!v.is_bool()) return fault("must be true or false"), false;
    out = v.get_bool();
    return true;
}

bool decoder::integer(const json_value& v, std::int64_t low, std::int64_t high, std::int64_t& out) {
    if (!v.is_int64() || v.get_int64() < low || v.get_int64() > high)
        return fault(fmt::format("must be an integer from {} to {}", low, high)), false;
    out = v.get_int64();
    return true;
}

bool decoder::number(const json_value& v, double& out) {
    if (!v.is_number()) return fault("must be a number"), false;
    out = v.to_number<double>();
    return true;
}

bool decoder::string(const json_value& v, std::string& out) {
    if (!v.is_string()) return fault("must be a string"), false;
    const std::string_view text(v.get_string().data(), v.get_string().size());
    if (text.size() > limits_.string && count_characters(text) > limits_.string)
        return fault(fmt::format("must be a string of at most {} characters", limits_.string)), false;
    if (text.find('\0') != std::string_view::npos) return fault("must be a string without NUL"), false;
    const auto* name = path_.empty() ? nullptr : std::get_if<std::string_view>(&path_.back());
    if (!(name && is_number_member(*name)) && holds_aadhaar_number(text))
        return fault(std::string(no_aadhaar_number)), false;
    out = text;
    return true;
}

bool decoder::identifier(const json_value& v, uuid& out) {
    const auto parsed =
        v.is_string() ? uuid::parse({v.get_string().data(), v.get_string().size()}) : std::nullopt;
    if (!parsed) return fault("must be a UUID"), false;
    out = *parsed;
    return true;
}

bool decoder::point_in_time(const json_value& v, instant& out) {
    const auto parsed =
        v.is_string() ? parse_rfc3339({v.get_string().data(), v.get_string().size()}) : std::nullopt;
    if (!parsed) return fault("must be an RFC 3339 instant, such as 2026-11-22T20:19:00Z"), false;
    out = *parsed;
    return true;
}

std::optional<std::size_t> decoder::one_of(const json_value& v, std::span<const std::string_view> names) {
    if (v.is_string())
        for (std::size_t i = 0; i < names.size(); ++i)
            if (names[i] == std::string_view(v.get_string().data(), v.get_string().size())) return i;
    std::string expected = "must be one of";
    for (std::size_t i = 0; i < names.size(); ++i) {
        expected += i == 0 ? " " : ", ";
        expected += names[i];
    }
    fault(std::move(expected));
    return std::nullopt;
}

std::optional<std::span<const json_value>> decoder::array(const json_value& v) {
    if (!v.is_array() || v.get_array().size() > limits_.array) {
        fault(fmt::format("must be an array of at most {} elements", limits_.array));
        return std::nullopt;
    }
    return std::span<const json_value>(v.get_array().data(), v.get_array().size());
}

bool decoder::is_object(const json_value& v) {
    if (!v.is_object()) fault("must be an object");
    return v.is_object();
}

const json_value* decoder::member(const json_value& v, std::string_view name) const {
    return v.get_object().if_contains({name.data(), name.size()});
}

void decoder::refuse_unknown(const json_value& v, std::span<const std::string_view> known) {
    for (const auto& each : v.get_object()) {
        const std::string_view name(each.key().data(), each.key().size());
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        // The name is the client's own text: a hostile one is cut, at a character's start.
        auto shown = name.substr(0, 64);
        while (shown.size() < name.size() && !shown.empty() &&
               (static_cast<unsigned char>(name[shown.size()]) & 0xc0) == 0x80)
            shown.remove_suffix(1);
        const step into(*this, shown);
        fault("is not a known member");
    }
}

const json_value& element(std::span<const json_value> of, std::size_t at) { return of[at]; }

void with_document(std::string_view body, faults& found, void (*use)(void*, const json_value&), void* state) {
    // Most bodies fit on the stack; longer ones continue on the heap, bounded by the limit on bodies.
    std::array<unsigned char, 4096> buffer;
    json::monotonic_resource memory(buffer.data(), buffer.size());
    json::parse_options strict;
    strict.max_depth = deepest;
    boost::system::error_code failed;
    const json::value root = json::parse({body.data(), body.size()}, failed, &memory, strict);
    if (failed) {
        found.malformed = true;
        return;
    }
    use(state, root);
}

}  // namespace detail

response problem(const faults& what) {
    if (what.malformed) return problem(400, "malformed_json", "The body is not well-formed JSON.");
    if (std::ranges::any_of(what.list, [](const auto& each) { return each.second == no_aadhaar_number; }))
        return problem(problem_detail{422,
                                      "aadhaar_number_not_accepted",
                                      "Aadhaar numbers are not accepted here: take it out.",
                                      what.list,
                                      {},
                                      {}});
    return problem(problem_detail{422, "invalid_request", "The request has faults.", what.list, {}, {}});
}

}  // namespace astrotalk::http
