#include "core/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace astrotalk {

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        out.append(text, from, i - from);
        from = i + 1;
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            default: fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
        }
    }
    out.append(text, from, std::string_view::npos);
    out += '"';
}

// By hand: a month of slots has two thousand of them, and was mostly spent in formatting by a pattern.
void append_rfc3339(std::string& out, instant at) {
    using namespace std::chrono;
    constexpr instant first = sys_days(year(0) / January / 1), beyond = sys_days(year(10'000) / January / 1);
    at = std::clamp<instant>(at, first, beyond - microseconds(1));
    const auto day = floor<days>(at);
    const year_month_day date(day);
    const hh_mm_ss time(at - day);
    const auto micros = time.subseconds().count();

    std::array<char, 32> text;
    char* end = text.data();
    const auto put = [&end](auto value, std::size_t width, char after) {
        auto rest = static_cast<unsigned>(value);
        for (std::size_t i = width; i-- > 0; rest /= 10) end[i] = static_cast<char>('0' + rest % 10);
        end[width] = after;
        end += width + 1;
    };
    put(static_cast<int>(date.year()), 4, '-');
    put(static_cast<unsigned>(date.month()), 2, '-');
    put(static_cast<unsigned>(date.day()), 2, 'T');
    put(time.hours().count(), 2, ':');
    put(time.minutes().count(), 2, ':');
    put(time.seconds().count(), 2, micros == 0 ? 'Z' : '.');
    if (micros % 1000 != 0)
        put(micros, 6, 'Z');
    else if (micros != 0)
        put(micros / 1000, 3, 'Z');
    out.append(text.data(), end);
}

}  // namespace astrotalk
