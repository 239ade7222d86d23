// Bodies of application/x-www-form-urlencoded.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace sandbox {

using form = std::map<std::string, std::string, std::less<>>;

// Of names that come twice, the first. What cannot be decoded is left out.
form read_form(std::string_view body);
std::string field(const form& fields, std::string_view name);  // empty when it is not there

}  // namespace sandbox
