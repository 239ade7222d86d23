#include "html.hpp"

#include <ctime>

namespace sandbox {

std::string escape_html(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

std::string short_time_in_india(astrotalk::instant at) {
    const auto seconds =
        std::chrono::floor<std::chrono::seconds>(at + std::chrono::minutes(330)).time_since_epoch();
    const std::time_t wall = seconds.count();
    std::tm parts{};
    gmtime_r(&wall, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%d %b, %H:%M:%S", &parts);
    return text;
}

}  // namespace sandbox
