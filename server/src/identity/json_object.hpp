// Writes a JSON object member by member, for documents whose member names are other people's (Cognito's,
// OpenID's).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json_text.hpp"

namespace astrotalk::identity {

class json_object {
  public:
    json_object& add(std::string_view name, std::string_view value) {
        append_json_string(member(name), value);
        return *this;
    }
    json_object& add(std::string_view name, const std::string& value) {
        return add(name, std::string_view(value));
    }
    json_object& add(std::string_view name, const char* value) { return add(name, std::string_view(value)); }
    json_object& add(std::string_view name, std::int64_t value) {
        member(name) += std::to_string(value);
        return *this;
    }
    json_object& add(std::string_view name, int value) { return add(name, std::int64_t{value}); }
    json_object& add(std::string_view name, bool value) {
        member(name) += value ? "true" : "false";
        return *this;
    }
    json_object& add(std::string_view name, const std::vector<std::string>& values) {
        std::string& out = member(name);
        out += '[';
        for (const auto& value : values) {
            if (out.back() != '[') out += ',';
            append_json_string(out, value);
        }
        out += ']';
        return *this;
    }
    json_object& add(std::string_view name, const json_object& value) { return add_raw(name, value.text()); }
    json_object& add_raw(std::string_view name, std::string_view json) {
        member(name) += json;
        return *this;
    }
    template <class T>
    json_object& add_if(std::string_view name, const std::optional<T>& value) {
        return value ? add(name, *value) : *this;
    }

    std::string text() const { return text_ + '}'; }

  private:
    std::string& member(std::string_view name) {
        if (text_.size() > 1) text_ += ',';
        append_json_string(text_, name);
        text_ += ':';
        return text_;
    }
    std::string text_ = "{";
};

}  // namespace astrotalk::identity
