// Every text that the product sends by SMS. In India operators drop what is not, letter by letter, a template
// registered with them for this sender (TRAI's TCCCPR 2018, "DLT"): {#var#} stands for what changes, at most
// 30 characters of it. So texts change here and in the register, and nowhere else.
//
// Pure and thread-safe. Errors: `write` throws std::logic_error for values that no template takes; that is a
// fault of its caller, and nothing is sent.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/secret.hpp"

namespace astrotalk::sms {

enum class language : std::uint8_t { en, hi };
// Of a code, such as "hi". English when it is none of ours.
language language_of(std::string_view code);

struct message_template {
    std::string_view name;  // "code.en": operators' ids are configured by it
    std::string_view text;
};
std::span<const message_template> templates();
const message_template* find_template(std::string_view name);

// A text and the template that it is made by.
struct written {
    std::string template_name;
    secret text;
};
// `kind` is a template's name without its language. Every value has 1 to 30 characters, none of them a
// control character.
written write(std::string_view kind, language in, std::span<const std::string> values);

// Whether `text` is what `of` can be rendered to: what operators check.
bool fits(const message_template& of, std::string_view text);

// An operator's registration: who sends, under which header, and the id of each template.
struct registration {
    std::string entity_id, header;
    std::map<std::string, std::string, std::less<>> template_ids;  // by name
    const std::string* id_of(std::string_view template_name) const;
    // Whether every text is registered in it. Where nothing is, nobody asks for it: the sandbox.
    bool speaks(language in) const;
    // Of somebody's choice, where it is registered; else English, also for whoever has not said.
    language language_for(const std::optional<std::string>& chosen) const;
};

}  // namespace astrotalk::sms
