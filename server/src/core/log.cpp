#include "core/log.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>

#include "core/json_text.hpp"
#include "core/verify.hpp"

namespace astrotalk {

void verify_failed(std::source_location where) {
    log::error("invariant.broken", {{"file", log::text(where.file_name())}, {"line", where.line()}});
    std::abort();
}

namespace log {
namespace {

std::atomic<level> lowest_level{level::info};

std::string_view name_of(level severity) {
    switch (severity) {
        case level::debug: return "debug";
        case level::info: return "info";
        case level::warning: return "warning";
        case level::error: return "error";
    }
    return "error";
}

void append_value(std::string& line, const field& f) {
    switch (f.value.index()) {
        case 0: append_json_string(line, std::get<0>(f.value)); break;
        case 1: line += std::get<1>(f.value) ? "true" : "false"; break;
        case 2: fmt::format_to(std::back_inserter(line), "{}", std::get<2>(f.value)); break;
        case 3: fmt::format_to(std::back_inserter(line), "{}", std::get<3>(f.value)); break;
        case 4: append_json_string(line, std::get<4>(f.value).to_string()); break;
    }
}

}  // namespace

void set_level(level lowest) { lowest_level = lowest; }

void write(level severity, std::string_view event, fields values) {
    if (severity < lowest_level.load(std::memory_order_relaxed)) return;
    std::string line = R"({"at":")";
    append_rfc3339(line, clock::now());
    line += R"(","level":")";
    line += name_of(severity);
    line += R"(","event":")";
    line += event;
    line += '"';
    for (const field& f : values) {
        line += ",\"";
        line += f.name;
        line += "\":";
        append_value(line, f);
    }
    line += "}\n";
    // One write per line, so that lines of several threads do not mix. A full pipe loses the line, not the
    // request.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace log
}  // namespace astrotalk
