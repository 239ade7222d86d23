#include "identity/user_filter.hpp"

#include <algorithm>
#include <array>

namespace astrotalk::identity {
namespace {

constexpr std::string_view lowest = "00000000-0000-0000-0000-000000000000";
constexpr std::string_view highest = "ffffffff-ffff-ffff-ffff-ffffffffffff";
constexpr std::size_t hash_size = 16;

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

struct term {
    std::string attribute, value;
    bool prefix = false;

    bool fits(std::string_view candidate) const {
        return prefix ? candidate.starts_with(value) : candidate == value;
    }
};

std::string_view without_spaces(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

// What stands between the quotes; \" and \\ stand for themselves.
std::optional<std::string> unquoted(std::string_view text) {
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
    std::string out;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        if (text[i] == '"') return std::nullopt;
        if (text[i] == '\\' && (++i + 1 >= text.size() || (text[i] != '"' && text[i] != '\\')))
            return std::nullopt;
        out += text[i];
    }
    return out;
}

std::optional<term> parse_term(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) return std::nullopt;
    term found;
    found.prefix = text[equals - 1] == '^';
    auto name = without_spaces(text.substr(0, equals - (found.prefix ? 1 : 0)));
    if (name.size() > 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
    auto value = unquoted(without_spaces(text.substr(equals + 1)));
    if (name.empty() || !value) return std::nullopt;
    found.attribute = name;
    found.value = std::move(*value);
    return found;
}

void mean_ids(user_filter& who, std::string_view begin) {
    std::string first(lowest), last(highest);
    if (begin.size() > first.size()) {
        who.nobody = true;
        return;
    }
    std::ranges::copy(begin, first.begin());
    std::ranges::copy(begin, last.begin());
    const auto from = user_id::parse(first), to = user_id::parse(last);
    if (!from || !to) {
        who.nobody = true;
        return;
    }
    who.first = *from;
    who.last = *to;
}

void mean_phones(user_filter& who, const term& is, const phone_plan& served) {
    who.phone = phone_number::parse(is.value, served);
    if (who.phone && (!is.prefix || who.phone->reveal() == is.value)) return;
    who.phone.reset();
    if (is.prefix && (is.value.empty() || is.value == "+")) return;
    if (is.prefix && is.value.starts_with('+'))
        who.phone_prefix = personal(is.value);
    else
        who.nobody = true;
}

// One of two states: what is meant is the one that fits, or both, or neither.
void mean_state(user_filter& who, std::optional<bool>& state, bool yes, bool no) {
    if (yes != no) state = yes;
    who.nobody = !yes && !no;
}

bytes token_mac(const crypto::keyring& keys, std::string_view scope, std::string_view last) {
    std::string over(scope);
    over += '\0';
    over += last;
    bytes mac = keys.mac("page-token", over);
    mac.resize(hash_size);
    return mac;
}

}  // namespace

user_filter::user_filter() : first(*user_id::parse(lowest)), last(*user_id::parse(highest)) {}

result<user_filter, filter_fault> parse_filter(std::string_view text, const phone_plan& served) {
    auto is = parse_term(text);
    if (!is) return filter_fault::malformed;
    user_filter who;
    if (is->attribute == "phone_number") {
        mean_phones(who, *is, served);
    } else if (is->attribute == "sub" || is->attribute == "username") {
        if (!is->prefix && is->value.size() != lowest.size())
            who.nobody = true;
        else
            mean_ids(who, lower(is->value));
    } else if (is->attribute == "status") {
        mean_state(who, who.enabled, is->fits("Enabled"), is->fits("Disabled"));
    } else if (is->attribute == "cognito:user_status") {
        is->value = lower(is->value);
        mean_state(who, who.confirmed, is->fits("confirmed"), is->fits("unconfirmed"));
    } else {
        return filter_fault::not_searchable;
    }
    return who;
}

bytes prefix_hash(const crypto::keyring& keys, std::string_view prefix) {
    bytes hash = keys.mac("phone-prefix", prefix);
    hash.resize(hash_size);
    return hash;
}

std::vector<bytes> prefix_hashes(const crypto::keyring& keys, const personal& phone) {
    std::vector<bytes> hashes;
    const std::string_view number = phone.reveal();
    for (std::size_t length = 2; length < number.size(); ++length)
        hashes.push_back(prefix_hash(keys, number.substr(0, length)));
    return hashes;
}

std::string page_token(const crypto::keyring& keys, std::string_view scope, std::string_view last) {
    bytes raw = token_mac(keys, scope, last);
    raw.insert(raw.end(), last.begin(), last.end());
    return crypto::base64url_encode(raw);
}

std::optional<std::string> open_page_token(const crypto::keyring& keys, std::string_view scope,
                                           std::string_view token) {
    const auto raw = crypto::base64url_decode(token);
    if (!raw || raw->size() <= hash_size) return std::nullopt;
    std::string last(raw->begin() + hash_size, raw->end());
    const std::span<const unsigned char> mac(raw->data(), hash_size);
    if (!crypto::equal_constant_time(mac, token_mac(keys, scope, last))) return std::nullopt;
    return last;
}

}  // namespace astrotalk::identity
