#include "identity/phone_rules.hpp"

#include <algorithm>
#include <cstdint>

#include "core/verify.hpp"

namespace astrotalk::identity {
namespace {

constexpr mobile_rule table[] = {
#include "identity/phone_rules.inc"
};

// Where in the digits a match may have come to: bit n is after n digits. Each part of a pattern maps the
// places where it may begin to those where it may end.
using places = std::uint32_t;
constexpr std::size_t most_digits = 20;

class matcher {
  public:
    matcher(std::string_view pattern, std::string_view digits) : pattern_(pattern), digits_(digits) {}

    // From `at`, as far as a `)` or the end. `at` is left there.
    places alternatives(std::size_t& at, places from) const {
        places ends = sequence(at, from);
        while (peek(at) == '|') ends |= sequence(++at, from);
        return ends;
    }

  private:
    char peek(std::size_t at) const { return at < pattern_.size() ? pattern_[at] : '\0'; }

    places sequence(std::size_t& at, places from) const {
        while (at < pattern_.size() && peek(at) != '|' && peek(at) != ')') from = repeated(at, from);
        return from;
    }

    places repeated(std::size_t& at, places from) const {
        const std::size_t begin = at;
        const places once = atom(at, from);
        int least = 1, most = 1;
        if (peek(at) == '?') {
            least = 0;
            ++at;
        } else if (peek(at) == '{') {
            least = most = number(++at);
            if (peek(at) == ',') most = number(++at);
            verify(peek(at++) == '}');
        }
        places ends = least == 0 ? from : 0;
        places reached = once;
        for (int n = 1; n <= most; ++n) {
            if (n > 1) {
                std::size_t again = begin;
                reached = atom(again, reached);
            }
            if (n >= least) ends |= reached;
        }
        return ends;
    }

    int number(std::size_t& at) const {
        int n = 0;
        while (peek(at) >= '0' && peek(at) <= '9') n = n * 10 + (pattern_[at++] - '0');
        return n;
    }

    places atom(std::size_t& at, places from) const {
        if (peek(at) == '(') {
            const places ends = alternatives(++at, from);
            verify(peek(at++) == ')');
            return ends;
        }
        const std::size_t begin = at;
        if (peek(at) == '[') at = pattern_.find(']', at);
        const auto set = pattern_.substr(begin, ++at - begin);
        places ends = 0;
        for (std::size_t i = 0; i < digits_.size(); ++i)
            if ((from >> i & 1) && holds(set, digits_[i])) ends |= places{2} << i;
        return ends;
    }

    static bool holds(std::string_view set, char digit) {
        if (set == "d") return true;
        for (std::size_t i = 0; i < set.size(); ++i) {
            if (set[i] == '-') {
                if (set[i - 1] <= digit && digit <= set[i + 1]) return true;
            } else if (set[i] == digit) {
                return true;
            }
        }
        return false;
    }

    std::string_view pattern_, digits_;
};

}  // namespace

bool matches(std::string_view pattern, std::string_view digits) {
    if (digits.size() > most_digits) return false;
    std::size_t at = 0;
    const places ends = matcher(pattern, digits).alternatives(at, 1);
    verify(at == pattern.size());
    return ends >> digits.size() & 1;
}

std::optional<phone_plan> phone_plan::of(std::span<const std::string> countries) {
    phone_plan plan;
    for (const auto& country : countries) {
        const auto* rule = std::ranges::find(table, country, &mobile_rule::country);
        if (rule == std::end(table)) return std::nullopt;
        plan.rules_.push_back(rule);
    }
    if (plan.rules_.empty()) return std::nullopt;
    return plan;
}

const phone_plan& phone_plan::india() {
    static const std::string only[] = {"IN"};
    static const phone_plan plan = *of(only);
    return plan;
}

const mobile_rule* phone_plan::find(std::string_view digits) const {
    for (const auto* rule : rules_)
        if (digits.starts_with(rule->calling_code) &&
            matches(rule->pattern, digits.substr(rule->calling_code.size())))
            return rule;
    return nullptr;
}

}  // namespace astrotalk::identity
