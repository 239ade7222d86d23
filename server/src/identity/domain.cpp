#include "identity/domain.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "core/aadhaar.hpp"

namespace astrotalk::identity {
namespace {

bool is_separator(char c) { return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<phone_number> phone_number::parse(std::string_view text, const phone_plan& served) {
    if (text.size() > 40 || !text.starts_with('+')) return std::nullopt;
    std::string e164 = "+";
    for (const char c : text.substr(1)) {
        if (is_digit(c))
            e164 += c;
        else if (!is_separator(c))
            return std::nullopt;
    }
    const mobile_rule* rule = served.find(std::string_view(e164).substr(1));
    if (!rule) return std::nullopt;
    return phone_number(std::move(e164), 1 + rule->calling_code.size());
}

phone_number phone_number::parse_or_throw(std::string_view text, const phone_plan& served) {
    if (auto number = parse(text, served)) return *std::move(number);
    throw std::runtime_error(
        "the phone must be a mobile number with its country code (+91…) of a country that is served");
}

std::string phone_number::masked() const {
    const std::string& all = reveal();
    return "+" + std::string(all.size() - 5, '*') + all.substr(all.size() - 4);
}

std::string_view name_of(user_kind kind) { return kind == user_kind::astrologer ? "astrologer" : "user"; }

std::optional<user_kind> parse_user_kind(std::string_view text) {
    if (text == "user") return user_kind::user;
    if (text == "astrologer") return user_kind::astrologer;
    return std::nullopt;
}

std::string_view name_of(code_purpose purpose) {
    switch (purpose) {
        case code_purpose::sign_up: return "sign_up";
        case code_purpose::sign_in: return "sign_in";
        case code_purpose::change_phone: return "change_phone";
        case code_purpose::change_email: return "change_email";
        case code_purpose::recovery: break;
    }
    return "recovery";
}

bool acceptable_name(std::string_view name) {
    const auto characters = std::ranges::count_if(name, [](unsigned char c) { return (c & 0xc0) != 0x80; });
    return characters >= 1 && characters <= 100 && !holds_aadhaar_number(name) &&
           std::ranges::none_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

}  // namespace astrotalk::identity
