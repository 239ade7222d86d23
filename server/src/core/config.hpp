// Configuration from environment variables, read and validated as a whole.
//
// Every variable is asked for once, with its default and its rule; faults are collected rather than thrown,
// so that an operator sees all of them at once. Names beginning with ASTROTALK_ that nobody asked for are
// faults too: they are typing errors, and a mistyped limit is a missing limit.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace astrotalk {

enum class visibility { plain, redacted };

class environment {
  public:
    explicit environment(std::map<std::string, std::string> variables) : variables_(std::move(variables)) {}
    static environment of_process();

    std::string text(std::string_view name, std::string_view fallback, visibility shown = visibility::plain);
    std::int64_t integer(std::string_view name, std::int64_t fallback, std::int64_t lowest,
                         std::int64_t highest);
    bool flag(std::string_view name, bool fallback);  // on | off
    std::string choice(std::string_view name,
                       std::initializer_list<std::string_view> allowed);  // the first is the default
    std::vector<std::string> list(std::string_view name, std::string_view fallback);  // comma-separated

    // A rule that spans variables was broken.
    void fault(std::string_view name, std::string_view expected);
    // All faults, unknown names included. Ask after the last variable was read.
    std::vector<std::string> faults() const;

    struct entry {
        std::string name, value;
        bool given;
    };
    const std::vector<entry>& entries() const { return entries_; }  // as read; redacted values are masked

  private:
    const std::string* find(std::string_view name) const;
    void remember(std::string_view name, std::string_view value, bool given, visibility shown);

    std::map<std::string, std::string> variables_;
    std::vector<entry> entries_;
    std::vector<std::string> faults_;
};

}  // namespace astrotalk
