#include "identity/domain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace astrotalk::identity {
namespace {

// National numbers of mobiles: how long they are and how they begin.
struct mobile_plan {
    std::string_view country_code;
    std::size_t digits;
    std::string_view first;
};
constexpr std::array served{mobile_plan{"91", 10, "6789"}};

bool is_separator(char c) { return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The plan of the country whose mobile number that is, without the plus.
const mobile_plan* plan_of(std::string_view digits) {
    const auto* found = std::ranges::find_if(served, [&](const mobile_plan& plan) {
        if (!digits.starts_with(plan.country_code)) return false;
        const auto national = digits.substr(plan.country_code.size());
        return national.size() == plan.digits && plan.first.find(national.front()) != std::string_view::npos;
    });
    return found == served.end() ? nullptr : found;
}

}  // namespace

std::optional<phone_number> phone_number::parse(std::string_view text) {
    if (text.size() > 40 || !text.starts_with('+')) return std::nullopt;
    std::string e164 = "+";
    for (const char c : text.substr(1)) {
        if (is_digit(c))
            e164 += c;
        else if (!is_separator(c))
            return std::nullopt;
    }
    const mobile_plan* plan = plan_of(std::string_view(e164).substr(1));
    if (!plan) return std::nullopt;
    return phone_number(std::move(e164), 1 + plan->country_code.size());
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
    return purpose == code_purpose::sign_up ? "sign_up" : "sign_in";
}

bool acceptable_name(std::string_view name) {
    const auto characters = std::ranges::count_if(name, [](unsigned char c) { return (c & 0xc0) != 0x80; });
    return characters >= 1 && characters <= 100 &&
           std::ranges::none_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::string code_message(std::string_view code, std::chrono::minutes lifetime) {
    return fmt::format("{} is your AstroTalk code. It is valid for {} minutes. Do not share it with anyone.",
                       code, lifetime.count());
}

std::string sign_up_notice() {
    return "Someone tried to sign up to AstroTalk with your number, which has an account. If it was you, "
           "sign "
           "in instead. If not, you need not do anything.";
}

}  // namespace astrotalk::identity
