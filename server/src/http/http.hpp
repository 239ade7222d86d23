// Requests, responses and routes, without sockets. `serve` and `lambda` are two front doors to one router.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ids.hpp"
#include "core/task.hpp"

namespace astrotalk::http {

enum class verb : std::uint8_t { get, head, post, put, patch, delete_, options, unknown };

// Views into the session's buffer: valid until the response is sent. Header names are lower case.
struct request {
    verb method = verb::unknown;
    std::string_view target;  // as sent: path and query
    std::string_view path;
    std::string_view query;
    std::vector<std::pair<std::string_view, std::string_view>> headers;
    std::string_view body;
    std::string peer;  // the client's address, trusted proxies resolved

    // The first header of that (lower-case) name, or empty.
    std::string_view header(std::string_view name) const;
    // The decoded value of a query parameter, or nothing.
    std::optional<std::string> parameter(std::string_view name) const;
};

class body_stream;  // http/body_stream.hpp

struct response {
    int status = 200;
    std::string_view content_type = "application/json";
    std::vector<std::pair<std::string_view, std::string>> headers;  // names are literals
    std::string body;
    // Set: the body is what this sends, for as long as it runs. It holds nothing of the exchange, which is
    // over by then.
    std::function<task<void>(body_stream&)> streamed{};
};

// Who may call a route. `anyone` needs no token; the others need an access token, and the last three a role
// in it. What support may, administrators may too.
enum class access : std::uint8_t { anyone, signed_in, astrologer, support, admin };
std::string_view name_of(access who);
std::string_view name_of(verb method);

// Percent-decoding; `+` is a space only in queries. Nothing when it is malformed, holds NUL, or is not UTF-8.
std::optional<std::string> decode_path_value(std::string_view encoded);

// Who calls, from a verified access token.
struct principal {
    user_id id;
    family_id session;  // origin_jti
    std::string client_id;
    std::vector<std::string> groups;
    std::string user_type;
    bool second_factor = false;  // their sign-in passed one
    bool in_group(std::string_view name) const;
};

struct idempotency_key {
    std::string key;
    std::string fingerprint;  // SHA-256 of method, path and body, raw bytes
};

// One request on its way through the gateway steps to its handler.
struct exchange {
    const request& in;
    std::string request_id;
    std::string trace_parent;                       // W3C
    std::optional<principal> who{};                 // set unless the route is for anyone
    std::array<std::string_view, 4> path_values{};  // of {placeholders}, in order, still percent-encoded
    std::optional<idempotency_key> idempotency{};
    std::string_view route{};  // "POST /v1/holds", labels logs and metrics

    user_id caller() const { return who->id; }
};

using handler = std::function<task<response>(exchange&)>;

// A row of a feature's table. `key_required` routes refuse a request without Idempotency-Key.
enum class idempotent : std::uint8_t { no, optional, required };

template <class Service>
struct route {
    verb method;
    std::string_view pattern;  // "/v1/bookings/{id}/cancel"; a last "{name*}" takes the rest of the path
    access who;
    task<response> (*handle)(Service&, exchange&);
    idempotent key = idempotent::no;
};

struct mounted_route {
    verb method;
    std::string_view pattern;
    access who;
    idempotent key;
    handler handle;
    std::string label;
};

class router {
  public:
    // `service` outlives the router.
    template <class Service>
    void mount(Service& service, std::span<const route<Service>> table) {
        for (const auto& row : table)
            add({row.method,
                 row.pattern,
                 row.who,
                 row.key,
                 [&service, handle = row.handle](exchange& x) { return handle(service, x); },
                 {}});
    }
    void add(mounted_route row);
    struct match {
        const mounted_route* route = nullptr;  // null: 404, or 405 when `allowed` is not empty
        std::array<std::string_view, 4> values{};
        std::string allowed;
    };
    match find(verb method, std::string_view path) const;
    // For the test that walks every route × role.
    std::vector<const mounted_route*> routes() const;

  private:
    std::vector<mounted_route> routes_;  // found by a hash of method and literal segments; built by `add`
    struct index;
    std::shared_ptr<index> index_;
};

inline constexpr std::string_view problem_type = "application/problem+json";
// RFC 9457. `code` is stable; `pointer` is a JSON pointer into the request's body; extra members follow as
// raw JSON.
struct problem_detail {
    int status;
    std::string_view code;
    std::string title;
    std::vector<std::pair<std::string, std::string>> errors;      // pointer, what was expected
    std::vector<std::pair<std::string_view, std::string>> extra;  // name, raw JSON
    std::optional<int> retry_after_seconds;
};
response problem(const problem_detail& what);
response problem(int status, std::string_view code, std::string title);

}  // namespace astrotalk::http
