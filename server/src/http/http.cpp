#include "http/http.hpp"

#include "core/json_text.hpp"
#include "http/query.hpp"

namespace astrotalk::http {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// The length of the UTF-8 sequence at `at`, or 0 when it is malformed (RFC 3629: no surrogates, no overlong
// forms).
std::size_t sequence_length(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
    };
    const unsigned first = byte(at), second = byte(at + 1);
    const auto continues = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return continues(at + 1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return 0;
        return continues(at + 1) && continues(at + 2) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return 0;
        return continues(at + 1) && continues(at + 2) && continues(at + 3) ? 4 : 0;
    }
    return 0;
}

bool is_text(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '\0') return false;
        const std::size_t length = sequence_length(text, at);
        if (length == 0) return false;
        at += length;
    }
    return true;
}

std::optional<std::string> percent_decode(std::string_view encoded, bool plus_is_space) {
    std::string decoded;
    decoded.reserve(encoded.size());
    for (std::size_t i = 0; i < encoded.size(); ++i) {
        if (encoded[i] == '%') {
            if (i + 2 >= encoded.size()) return std::nullopt;
            const int high = hex_digit(encoded[i + 1]), low = hex_digit(encoded[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            decoded += static_cast<char>(high << 4 | low);
            i += 2;
        } else {
            decoded += plus_is_space && encoded[i] == '+' ? ' ' : encoded[i];
        }
    }
    if (!is_text(decoded)) return std::nullopt;
    return decoded;
}

}  // namespace

std::string_view request::header(std::string_view name) const {
    for (const auto& [key, value] : headers)
        if (key == name) return value;
    return {};
}

std::optional<std::string> request::parameter(std::string_view name) const {
    for (std::string_view rest = query; !rest.empty();) {
        const auto end = rest.find('&');
        const auto pair = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        const auto equals = pair.find('=');
        if (percent_decode(pair.substr(0, equals), true) != name) continue;
        if (equals == std::string_view::npos) return std::string();
        return percent_decode(pair.substr(equals + 1), true);
    }
    return std::nullopt;
}

std::optional<std::string> decode_path_value(std::string_view encoded) {
    return percent_decode(encoded, false);
}

bool is_well_formed_query(std::string_view query) {
    return query.empty() || percent_decode(query, true).has_value();
}

std::string_view name_of(access who) {
    switch (who) {
        case access::anyone: return "anyone";
        case access::signed_in: return "signed_in";
        case access::astrologer: return "astrologer";
        case access::support: return "support";
        case access::admin: return "admin";
    }
    return "";
}

std::string_view name_of(verb method) {
    switch (method) {
        case verb::get: return "GET";
        case verb::head: return "HEAD";
        case verb::post: return "POST";
        case verb::put: return "PUT";
        case verb::patch: return "PATCH";
        case verb::delete_: return "DELETE";
        case verb::options: return "OPTIONS";
        case verb::unknown: return "OTHER";
    }
    return "OTHER";
}

bool principal::in_group(std::string_view name) const {
    return std::find(groups.begin(), groups.end(), name) != groups.end();
}

response problem(const problem_detail& what) {
    response r;
    r.status = what.status;
    r.content_type = problem_type;
    r.body =
        fmt::format(R"({{"type":"about:blank","status":{},"code":"{}","title":)", what.status, what.code);
    append_json_string(r.body, what.title);
    if (!what.errors.empty()) {
        r.body += R"(,"errors":[)";
        for (std::size_t i = 0; i < what.errors.size(); ++i) {
            r.body += i == 0 ? R"({"pointer":)" : R"(,{"pointer":)";
            append_json_string(r.body, what.errors[i].first);
            r.body += R"(,"detail":)";
            append_json_string(r.body, what.errors[i].second);
            r.body += '}';
        }
        r.body += ']';
    }
    for (const auto& [name, raw] : what.extra) {
        r.body += ',';
        append_json_string(r.body, name);
        r.body += ':';
        r.body += raw;
    }
    r.body += '}';
    if (what.retry_after_seconds)
        r.headers.emplace_back("retry-after", std::to_string(*what.retry_after_seconds));
    return r;
}

response problem(int status, std::string_view code, std::string title) {
    return problem(problem_detail{status, code, std::move(title), {}, {}, {}});
}

}  // namespace astrotalk::http
