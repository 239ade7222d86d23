// Structured logs: one JSON object a line on standard error.
//
// A field takes numbers, booleans, ids and text that its author vouches for by writing `log::text(…)`.
// Secrets and personal data have types of their own (`secret`, `phone_number`, sealed bytes) that no field
// accepts, so they cannot be logged by accident. Thread-safe; a line is written whole.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "core/ids.hpp"

namespace astrotalk::log {

enum class level { debug, info, warning, error };

// Text that is neither secret nor personal: names of things, error descriptions of the system, request ids.
struct text {
    explicit text(std::string_view value) : value(value) {}
    std::string_view value;
};

class field {
  public:
    field(std::string_view name, text value) : name(name), value(value.value) {}
    field(std::string_view name, bool value) : name(name), value(value) {}
    field(std::string_view name, double value) : name(name), value(value) {}
    template <class T>
        requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
    field(std::string_view name, T value) : name(name), value(static_cast<std::int64_t>(value)) {}
    field(std::string_view name, uuid value) : name(name), value(value) {}
    template <class Tag>
    field(std::string_view name, id<Tag> value) : name(name), value(value.value) {}

    std::string_view name;
    std::variant<std::string_view, bool, std::int64_t, double, uuid> value;
};

using fields = std::initializer_list<field>;

// Events are named `thing.happened`; the name is stable, for alerts and searches.
void write(level severity, std::string_view event, fields values);
inline void debug(std::string_view event, fields values = {}) { write(level::debug, event, values); }
inline void info(std::string_view event, fields values = {}) { write(level::info, event, values); }
inline void warning(std::string_view event, fields values = {}) { write(level::warning, event, values); }
inline void error(std::string_view event, fields values = {}) { write(level::error, event, values); }

// Lines below this are dropped. Default: info.
void set_level(level lowest);

}  // namespace astrotalk::log
