// Which numbers are mobiles, by country: libphonenumber's knowledge (github.com/google/libphonenumber),
// through the metadata of the npm package libphonenumber-js. tools/phone_rules.ts makes the table.
//
// Thread-safe: a plan does not change.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace astrotalk::identity {

struct mobile_rule {
    std::string_view country;       // ISO 3166-1 alpha-2
    std::string_view calling_code;  // several countries share one
    std::string_view pattern;       // of national numbers, see `matches`
};

// The countries whose mobiles an installation serves.
class phone_plan {
  public:
    // Nothing when one of them has no mobiles that we know, or there are none.
    static std::optional<phone_plan> of(std::span<const std::string> countries);
    static const phone_plan& india();

    // The rule under which `digits`, a calling code and a national number, are a mobile of a served country.
    const mobile_rule* find(std::string_view digits) const;

  private:
    std::vector<const mobile_rule*> rules_;
};

// Whether all of `digits` fits: a regular expression of digits, d (any digit), [a-z] classes, (…|…) and the
// repetitions ?, {n} and {n,m}. No backtracking: the work is bounded by the lengths of both.
bool matches(std::string_view pattern, std::string_view digits);

}  // namespace astrotalk::identity
