#include "core/config.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace astrotalk {

environment environment::of_process() {
    std::map<std::string, std::string> variables;
    for (char** each = environ; *each; ++each) {
        const std::string_view line(*each);
        const auto equals = line.find('=');
        if (equals != std::string_view::npos)
            variables.emplace(line.substr(0, equals), line.substr(equals + 1));
    }
    return environment(std::move(variables));
}

const std::string* environment::find(std::string_view name) const {
    const auto found = variables_.find(std::string(name));
    // An empty variable is how shells and unit files say "not set".
    return found == variables_.end() || found->second.empty() ? nullptr : &found->second;
}

void environment::remember(std::string_view name, std::string_view value, bool given, visibility shown) {
    const bool hide = shown == visibility::redacted && !value.empty();
    entries_.push_back({std::string(name), hide ? "(redacted)" : std::string(value), given});
}

std::string environment::text(std::string_view name, std::string_view fallback, visibility shown) {
    const std::string* given = find(name);
    std::string value = given ? *given : std::string(fallback);
    remember(name, value, given != nullptr, shown);
    return value;
}

std::int64_t environment::integer(std::string_view name, std::int64_t fallback, std::int64_t lowest,
                                  std::int64_t highest) {
    const std::string value = text(name, fmt::to_string(fallback));
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (code == std::errc() && end == value.data() + value.size() && number >= lowest && number <= highest)
        return number;
    fault(name, fmt::format("a whole number from {} to {}", lowest, highest));
    return fallback;
}

bool environment::flag(std::string_view name, bool fallback) {
    const std::string value = text(name, fallback ? "on" : "off");
    if (value != "on" && value != "off") fault(name, "on or off");
    return value == "on";
}

std::string environment::choice(std::string_view name, std::initializer_list<std::string_view> allowed) {
    std::string value = text(name, *allowed.begin());
    if (std::find(allowed.begin(), allowed.end(), value) == allowed.end())
        fault(name, fmt::format("one of {}", fmt::join(allowed, ", ")));
    return value;
}

std::vector<std::string> environment::list(std::string_view name, std::string_view fallback) {
    const std::string value = text(name, fallback);
    std::vector<std::string> items;
    for (std::size_t from = 0; from < value.size();) {
        const std::size_t comma = std::min(value.find(',', from), value.size());
        if (comma > from) items.push_back(value.substr(from, comma - from));
        from = comma + 1;
    }
    return items;
}

void environment::fault(std::string_view name, std::string_view expected) {
    faults_.push_back(fmt::format("{}: expected {}", name, expected));
}

std::vector<std::string> environment::faults() const {
    std::vector<std::string> all = faults_;
    for (const auto& [name, value] : variables_) {
        if (!name.starts_with("ASTROTALK_")) continue;
        const bool known =
            std::any_of(entries_.begin(), entries_.end(), [&](const entry& e) { return e.name == name; });
        if (!known) all.push_back(fmt::format("{}: no such setting", name));
    }
    return all;
}

}  // namespace astrotalk
