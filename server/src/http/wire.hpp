// The pure parts of HTTP/1.1 that a session needs: response heads, targets, X-Forwarded-For.
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
    // To an HTTP/1.0 client, which assumes the opposite. A streamed body then ends with its connection.
    bool say_keep_alive = false;
    bool behind_tls = false;
    std::string_view date;
};
// Status line and headers up to the empty line. Security headers are added unless the response sets its own,
// and so is the length, unless there is no body and the response to a HEAD says another. Names are literals;
// one that ends with * has the rest of its name in its value: {"x-amz-meta-*", "colour: red"}.
void append_head(std::string& out, const response& r, const head_options& how);

// The path of a target in origin form, or in absolute form, as it is sent to proxies.
std::string_view path_of(std::string_view target);
// A proxy may add an X-Forwarded-For of its own instead of appending to the one it got: they are one list.
std::string forwarded_for(const request& in);

}  // namespace astrotalk::http
