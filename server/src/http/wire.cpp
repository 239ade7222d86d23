#include "http/wire.hpp"

#include <charconv>

namespace astrotalk::http {
namespace {

// Answers are for one caller and are data, never documents to render, unless they say otherwise.
constexpr std::string_view cache_default = "cache-control: no-store\r\n";
constexpr std::string_view policy_default =
    "content-security-policy: default-src 'none'; frame-ancestors 'none'\r\n";
constexpr std::string_view always = "x-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n";

void append_number(std::string& out, std::size_t value) {
    char text[20];
    out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

// A value that came from outside cannot start a header of its own.
void append_value(std::string& out, std::string_view value) {
    for (const char c : value)
        if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) out += c;
}

// Header names are case-insensitive; `lower` is in lower case already.
bool same_name(std::string_view name, std::string_view lower) {
    return name.size() == lower.size() &&
           std::equal(name.begin(), name.end(), lower.begin(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

// The answer to a HEAD says the length of what it leaves out, when making it was not worth while.
bool says_length(const response& r) {
    return r.body.empty() && std::any_of(r.headers.begin(), r.headers.end(),
                                         [](const auto& h) { return same_name(h.first, "content-length"); });
}

}  // namespace

std::string_view reason_of(int status) {
    switch (status) {
        case 100: return "Continue";
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 206: return "Partial Content";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 402: return "Payment Required";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 411: return "Length Required";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 415: return "Unsupported Media Type";
        case 416: return "Range Not Satisfiable";
        case 417: return "Expectation Failed";
        case 422: return "Unprocessable Content";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        default: return "";  // the phrase is optional (RFC 9112 §4)
    }
}

std::string http_date(std::time_t at) {
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm t{};
    gmtime_r(&at, &t);
    return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", days[t.tm_wday], t.tm_mday, months[t.tm_mon],
                       t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

void append_head(std::string& out, const response& r, const head_options& how) {
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::size_t>(r.status));
    out += ' ';
    out += reason_of(r.status);
    out += "\r\ndate: ";
    out += how.date;
    if (r.status != 204 && r.status != 304 && r.status >= 200) {
        if (!r.content_type.empty()) {
            out += "\r\ncontent-type: ";
            out += r.content_type;
        }
        if (!r.streamed && !says_length(r)) {
            out += "\r\ncontent-length: ";
            append_number(out, r.body.size());
        } else if (r.streamed && !how.say_keep_alive) {
            out += "\r\ntransfer-encoding: chunked";
        }
    }
    out += "\r\n";
    bool own_cache = false, own_policy = false;
    for (const auto& [name, value] : r.headers) {
        own_cache = own_cache || same_name(name, "cache-control");
        own_policy = own_policy || same_name(name, "content-security-policy");
        out += name;
        if (out.back() == '*')
            out.pop_back();
        else
            out += ": ";
        append_value(out, value);
        out += "\r\n";
    }
    if (!own_cache) out += cache_default;
    if (!own_policy) out += policy_default;
    out += always;
    if (how.behind_tls) out += "strict-transport-security: max-age=31536000; includeSubDomains\r\n";
    if (!how.keep_alive)
        out += "connection: close\r\n";
    else if (how.say_keep_alive)
        out += "connection: keep-alive\r\n";
    out += "\r\n";
}

std::string_view path_of(std::string_view target) {
    target = target.substr(0, target.find('?'));
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!target.starts_with(scheme)) continue;
        const auto slash = target.find('/', scheme.size());
        return slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
    }
    return target;
}

std::string forwarded_for(const request& in) {
    std::string all;
    for (const auto& [name, value] : in.headers) {
        if (name != "x-forwarded-for") continue;
        if (!all.empty()) all += ',';
        all += value;
    }
    return all;
}

}  // namespace astrotalk::http
