// The pure parts of HTTP/1.1 that a session needs: response heads, addresses of clients.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "http/http.hpp"

namespace astrotalk::http {

std::string_view reason_of(int status);

// An IMF-fixdate (RFC 9110 §5.6.7).
std::string http_date(std::time_t at);

struct head_options {
    bool keep_alive = true;
    bool say_keep_alive = false;  // to an HTTP/1.0 client, which assumes the opposite
    bool behind_tls = false;
    std::string_view date;
};
// Status line and headers up to the empty line. Security headers are added unless the response sets its own.
void append_head(std::string& out, const response& r, const head_options& how);

bool is_loopback(std::string_view address);
// The client behind trusted proxies: `peer` unless it is loopback and `forwarded` (X-Forwarded-For) names
// another. Only what the nearest proxies appended is believed: the right-most address that is not loopback.
std::string client_address(std::string_view peer, std::string_view forwarded);

}  // namespace astrotalk::http
