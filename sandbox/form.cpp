#include "form.hpp"

#include <algorithm>

#include "http/http.hpp"

namespace sandbox {

form read_form(std::string_view body) {
    form fields;
    while (!body.empty()) {
        const auto pair = body.substr(0, body.find('&'));
        body.remove_prefix(std::min(body.size(), pair.size() + 1));
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos) continue;
        std::string encoded(pair.substr(equals + 1));
        std::ranges::replace(encoded, '+', ' ');
        if (const auto value = astrotalk::http::decode_path_value(encoded))
            fields.emplace(pair.substr(0, equals), *value);
    }
    return fields;
}

std::string field(const form& fields, std::string_view name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
}

}  // namespace sandbox
