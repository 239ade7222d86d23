// What ties a browser to its sign-in: the cookie that holds the refresh token, out of reach of scripts; and
// what tells a request of our own pages from one that another site has a browser send. Pure; thread-safe.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/secret.hpp"
#include "http/http.hpp"

namespace astrotalk::identity {

struct web_settings {
    bool behind_tls = false;
    std::vector<std::string> allowed_origins;  // besides the one that is asked
};

// Whether a page of ours sent it. Browsers say so in Origin, or, where they leave that out, in
// Sec-Fetch-Site; scripts can write neither. A request with neither is no browser's, and refused as well.
bool sent_by_our_page(const http::request& in, const web_settings& how);
// No form of another site can send this content type, and no script without asking first (CORS).
bool is_json(const http::request& in);

// Set-Cookie. Behind TLS the prefix __Host- keeps neighbouring hosts from setting it, and demands the path /;
// elsewhere it goes to the session's own routes only.
std::string session_cookie(const secret& refresh_token, std::chrono::seconds life, const web_settings& how);
std::string forget_session_cookie(const web_settings& how);
// Empty when there is none.
secret read_session_cookie(const http::request& in, const web_settings& how);

}  // namespace astrotalk::identity
