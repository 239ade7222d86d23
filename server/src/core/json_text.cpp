#include "core/json_text.hpp"

#include <fmt/format.h>

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

void append_rfc3339(std::string& out, instant at) {
    using namespace std::chrono;
    const auto day = floor<days>(at);
    const year_month_day date(day);
    const auto time = at - day;
    const auto whole = floor<seconds>(time);
    const auto micros = (time - whole).count();
    const auto s = whole.count();
    fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
                   static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                   static_cast<unsigned>(date.day()), s / 3600, s / 60 % 60, s % 60);
    if (micros % 1000 != 0)
        fmt::format_to(std::back_inserter(out), ".{:06}", micros);
    else if (micros != 0)
        fmt::format_to(std::back_inserter(out), ".{:03}", micros / 1000);
    out += 'Z';
}

}  // namespace astrotalk
