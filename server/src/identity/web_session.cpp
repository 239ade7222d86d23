#include "identity/web_session.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace astrotalk::identity {
namespace {

std::string_view name_of_cookie(const web_settings& how) {
    return how.behind_tls ? "__Host-astrotalk_session" : "astrotalk_session";
}

std::string cookie(std::string_view value, std::chrono::seconds life, const web_settings& how) {
    return fmt::format("{}={}; {}; Max-Age={}; HttpOnly; SameSite=Strict", name_of_cookie(how), value,
                       how.behind_tls ? "Path=/; Secure" : "Path=/v1/session", life.count());
}

std::string_view without_spaces(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
    return text;
}

}  // namespace

bool sent_by_our_page(const http::request& in, const web_settings& how) {
    const auto origin = in.header("origin");
    if (origin.empty()) return in.header("sec-fetch-site") == "same-origin";
    const auto own = fmt::format("{}://{}", how.behind_tls ? "https" : "http", in.header("host"));
    return origin == own || std::ranges::find(how.allowed_origins, origin) != how.allowed_origins.end();
}

bool is_json(const http::request& in) {
    const auto type = in.header("content-type");
    return without_spaces(type.substr(0, type.find(';'))) == "application/json";
}

std::string session_cookie(const secret& refresh_token, std::chrono::seconds life, const web_settings& how) {
    return cookie(refresh_token.reveal(), life, how);
}

std::string forget_session_cookie(const web_settings& how) {
    return cookie("", std::chrono::seconds(0), how);
}

secret read_session_cookie(const http::request& in, const web_settings& how) {
    for (auto rest = in.header("cookie"); !rest.empty();) {
        const auto end = rest.find(';');
        const auto pair = without_spaces(rest.substr(0, end));
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == name_of_cookie(how))
            return secret(std::string(pair.substr(equals + 1)));
    }
    return {};
}

}  // namespace astrotalk::identity
