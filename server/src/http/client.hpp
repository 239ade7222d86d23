// Outbound HTTP: libcurl's multi interface on a thread of its own (curl.se/libcurl/c/libcurl-multi.html).
//
// Thread-safe; `send` resumes on the loop that called it. Lifetime: the client outlives the tasks it gave
// out, and the loops that called outlive the client. Every call has a deadline that covers connecting,
// sending and the whole answer; retries share it. Redirects are not followed. Bodies are bounded both ways,
// and so is the number of calls waiting. Errors: any answer with a status is a value; `upstream_error` says
// why there was none.
#pragma once

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/task.hpp"
#include "http/http.hpp"

namespace astrotalk::http {

struct client_request {
    verb method = verb::get;
    std::string url;  // http or https
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};
    std::string trace_parent{};  // W3C; sent when not empty
    std::chrono::milliseconds deadline{5000};
    std::size_t body_limit = 1 << 20;
    // Tries again after a connection failure, 502, 503 or 504, within the deadline. Only for requests that
    // the other side treats as idempotent: who calls knows that, the method alone does not.
    int retries = 0;
};

struct client_response {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers{};  // names in lower case
    std::string body{};
};

class upstream_error : public std::exception {
  public:
    enum class kind { timed_out, unreachable, too_large, overloaded };
    upstream_error(kind what, std::string message) : kind_(what), message_(std::move(message)) {}
    kind why() const { return kind_; }
    const char* what() const noexcept override { return message_.c_str(); }

  private:
    kind kind_;
    std::string message_;
};

struct client_options {
    std::size_t in_flight = 64;
    std::size_t queue_limit = 1024;
};

class client {
  public:
    explicit client(client_options how = {});
    ~client();  // calls under way end as `unreachable`
    client(const client&) = delete;

    task<client_response> send(client_request what);

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace astrotalk::http
