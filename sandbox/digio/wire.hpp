// A request as Digio writes it. Names, forms of times and which numbers are masked are Digio's own.
#pragma once

#include <string>

#include "digio/request.hpp"

namespace sandbox::digio {

// As the REST API answers it, with the newest access token; webhooks carry none.
std::string to_json(const request& r, bool with_token);
std::string action_to_json(const request& r, const action& a);
// In capitals: all keys, and the values of `event` and `status`.
std::string in_capitals(std::string_view json);
// {code, message, details}
std::string error_json(std::string_view code, std::string_view message);

}  // namespace sandbox::digio
