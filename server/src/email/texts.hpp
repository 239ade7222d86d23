// What the product writes by e-mail: a subject and plain text, in every language of the apps.
//
// Pure and thread-safe. Errors: `write` throws std::logic_error for a kind that there is not, or for values
// that its text does not take; that is a fault of its caller, and nothing is sent.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/secret.hpp"
#include "sms/templates.hpp"

namespace astrotalk::email {

struct letter {
    std::string subject;  // the same for everybody, so that it shows on a locked screen and says nothing
    secret text;
};

// kind: `code` (the code, how many minutes it is valid) or `changed`.
letter write(std::string_view kind, sms::language in, std::span<const std::string> values);

}  // namespace astrotalk::email
