#include "email/address.hpp"

#include <algorithm>

namespace astrotalk::email {
namespace {

constexpr std::size_t longest_local = 64, longest_label = 63;
constexpr std::string_view atom_marks = "!#$%&'*+/=?^_`{|}~-";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool in_atom(char c) { return is_letter(c) || is_digit(c) || atom_marks.find(c) != std::string_view::npos; }
bool in_label(char c) { return is_letter(c) || is_digit(c) || c == '-'; }

bool is_label(std::string_view part) {
    return part.size() <= longest_label && part.front() != '-' && part.back() != '-' &&
           std::ranges::all_of(part, in_label);
}

// Whether `text` is parts with a dot between each two. How many parts; 0: it is not.
template <class F>
int count_parts(std::string_view text, F acceptable) {
    int parts = 0;
    for (std::size_t from = 0; from <= text.size(); ++parts) {
        const auto part = text.substr(from, std::min(text.find('.', from), text.size()) - from);
        if (part.empty() || !acceptable(part)) return 0;
        from += part.size() + 1;
    }
    return parts;
}

bool is_local(std::string_view text) {
    const auto is_atom = [](std::string_view part) { return std::ranges::all_of(part, in_atom); };
    return text.size() <= longest_local && count_parts(text, is_atom) > 0;
}

// The last label has a letter: what looks like an IP address is none of a mail system's.
bool is_domain(std::string_view text) {
    return count_parts(text, is_label) > 1 && std::ranges::any_of(text.substr(text.rfind('.')), is_letter);
}

std::string lower(std::string_view text) {
    std::string folded(text);
    for (char& c : folded)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return folded;
}

}  // namespace

std::optional<address> address::parse(std::string_view text) {
    const auto at = text.find('@');
    if (text.size() > longest || at == std::string_view::npos) return std::nullopt;
    const auto local = text.substr(0, at), domain = text.substr(at + 1);
    if (!is_local(local) || !is_domain(domain)) return std::nullopt;
    return address(std::string(local) + '@' + lower(domain), at);
}

std::string address::masked() const {
    const std::string& all = reveal();
    return all.substr(0, 1) + "***@" + all.substr(at_ + 1, 1) + "***";
}

std::string address::mailbox() const {
    const std::string all = lower(reveal());
    const std::string domain = all.substr(at_);
    std::string owner = all.substr(0, at_);
    // A + in front of everything leaves nothing to tell people apart by.
    if (const auto plus = owner.find('+'); plus != std::string::npos && plus > 0) owner.resize(plus);
    // The largest provider ignores dots, and has two names.
    if (domain == "@gmail.com" || domain == "@googlemail.com") {
        std::erase(owner, '.');
        return owner + "@gmail.com";
    }
    return owner + domain;
}

}  // namespace astrotalk::email
