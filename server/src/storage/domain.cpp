#include "storage/domain.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

#include "crypto/crypto.hpp"
#include "http/wire.hpp"

namespace astrotalk::storage {
namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return value;
}

// Whether a list like `"a", W/"b"` or `*` names that ETag. S3's clients leave the quotes out at times.
bool names(std::string_view list, std::string_view etag) {
    while (!list.empty()) {
        const auto comma = list.find(',');
        auto each = trimmed(list.substr(0, comma));
        list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
        if (each == "*") return true;
        if (each.starts_with("W/")) each.remove_prefix(2);
        if (each.size() >= 2 && each.front() == '"' && each.back() == '"')
            each = each.substr(1, each.size() - 2);
        if (each == etag) return true;
    }
    return false;
}

instant seconds_of(instant at) { return std::chrono::floor<std::chrono::seconds>(at); }

// A token says what the last page ended with: a key ('k') or everything below a common prefix ('p').
struct position {
    char kind = 'k';
    std::string text;
};
std::optional<position> read_token(std::string_view token) {
    const auto decoded = crypto::base64url_decode(token);
    if (!decoded || decoded->size() < 2 || ((*decoded)[0] != 'k' && (*decoded)[0] != 'p'))
        return std::nullopt;
    return position{static_cast<char>((*decoded)[0]), crypto::to_text(*decoded).substr(1)};
}

bool is_behind(std::string_view key, const position& p) {
    if (p.kind == 'p' && key.starts_with(p.text)) return false;
    return key > p.text;
}

}  // namespace

bool is_key(std::string_view key) {
    return !key.empty() && key.size() <= longest_key && key.find('\0') == std::string_view::npos;
}

bool is_bucket_name(std::string_view name) {
    const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return name.size() >= 3 && name.size() <= 63 && is_plain(name.front()) && is_plain(name.back()) &&
           std::all_of(name.begin(), name.end(), [&](char c) { return is_plain(c) || c == '-'; });
}

chosen_range choose_range(std::string_view header, std::uint64_t size) {
    const chosen_range whole{byte_span{0, size}, false}, none{std::nullopt, true};
    constexpr std::string_view unit = "bytes=";
    if (!header.starts_with(unit)) return whole;
    const auto text = trimmed(header.substr(unit.size()));
    const auto dash = text.find('-');
    if (dash == std::string_view::npos || text.find(',') != std::string_view::npos) return whole;
    const auto from = trimmed(text.substr(0, dash)), to = trimmed(text.substr(dash + 1));
    const auto first = number(from), last = number(to);
    if (from.empty()) {  // that many from the end
        if (!last) return whole;
        if (*last == 0 || size == 0) return none;
        const auto many = std::min(*last, size);
        return {byte_span{size - many, many}, true};
    }
    if (!first || (!last && !to.empty()) || (last && *last < *first)) return whole;
    if (*first >= size) return none;
    const auto end = last ? std::min(*last, size - 1) : size - 1;
    return {byte_span{*first, end - *first + 1}, true};
}

verdict judge(const conditions& asked, const object_facts& of) {
    const auto modified = seconds_of(of.modified);
    const auto since = read_http_time(asked.if_modified_since);
    const auto until = read_http_time(asked.if_unmodified_since);
    if (!asked.if_match.empty() && !names(asked.if_match, of.etag)) return verdict::failed;
    if (asked.if_match.empty() && until && modified > *until) return verdict::failed;
    if (!asked.if_none_match.empty())
        return names(asked.if_none_match, of.etag) ? verdict::not_modified : verdict::go_on;
    if (since && modified <= *since) return verdict::not_modified;
    return verdict::go_on;
}

write_verdict judge(const write_condition& asked, const object_facts* present) {
    if (asked.if_none_match && present) return write_verdict::failed;
    if (asked.if_match.empty()) return write_verdict::go_on;
    if (!present) return write_verdict::missing;
    return names(asked.if_match, present->etag) ? write_verdict::go_on : write_verdict::failed;
}

std::string http_time(instant at) {
    return http::http_date(
        static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count()));
}

std::optional<instant> read_http_time(std::string_view text) {
    if (text.size() != 29) return std::nullopt;
    std::tm parts{};
    const std::string whole(text);
    const char* const end = strptime(whole.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (end != whole.c_str() + whole.size()) return std::nullopt;
    return instant(std::chrono::seconds(timegm(&parts)));
}

bool is_token(std::string_view token) { return read_token(token).has_value(); }

page page_of(const std::vector<const listed_object*>& all, const list_request& asked) {
    const auto last = read_token(asked.token).value_or(position{'k', asked.after});
    std::vector<const listed_object*> found;
    for (const auto* each : all)
        if (each->key.starts_with(asked.prefix) && is_behind(each->key, last)) found.push_back(each);
    std::sort(found.begin(), found.end(), [](const auto* a, const auto* b) { return a->key < b->key; });
    page made;
    position end;
    for (const auto* each : found) {
        const auto cut = asked.delimiter.empty() ? std::string::npos
                                                 : each->key.find(asked.delimiter, asked.prefix.size());
        const bool below = cut != std::string::npos;
        const auto prefix = below ? each->key.substr(0, cut + asked.delimiter.size()) : std::string();
        if (below && !made.common_prefixes.empty() && made.common_prefixes.back() == prefix) continue;
        if (made.objects.size() + made.common_prefixes.size() >= asked.most) {
            if (asked.most > 0) made.next = crypto::base64url_encode(end.kind + end.text);
            break;
        }
        if (below)
            made.common_prefixes.push_back(prefix);
        else
            made.objects.push_back(*each);
        end = below ? position{'p', prefix} : position{'k', each->key};
    }
    return made;
}

}  // namespace astrotalk::storage
