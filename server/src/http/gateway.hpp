// What every request goes through before its handler, in this order: request id and trace, CORS, rate limit
// by address, route, token → principal, role, rate limit by user, Idempotency-Key. And the one place where
// outages become answers.
//
// An address and a user have a bucket for each class of routes (reading, writing, signing in), so that who
// reads too fast can still book, and sign in. The buckets are shared by nodes while the hook can reach what
// they share, and otherwise this process's.
//
// Thread safety: none; one gateway per loop, over limits that all share. Lifetime: the router, the limits and
// what the hooks refer to outlive it.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/http.hpp"
#include "http/rate_limit.hpp"

namespace astrotalk::http {

struct gateway_hooks {
    // Whose access token that is; nothing when it is not valid, has expired or was revoked.
    std::function<task<std::optional<principal>>(std::string_view bearer)> authenticate;
    // The answer to an exception of a kind that this folder does not know (a database that is away), or
    // nothing.
    std::function<std::optional<response>(std::exception_ptr)> outage;
    // Puts a refusal or outage that the gateway answers with itself into the form of that route's protocol.
    // `route` is the path where none was found.
    std::function<void(std::string_view route, response&)> restate{};
    // After every answer. `route` is empty when none was found.
    std::function<void(std::string_view route, int status, std::chrono::nanoseconds took)> answered{};
    // Takes from the bucket of that key which all nodes share; nothing when it cannot be asked now. Unset:
    // this node is alone.
    std::function<task<std::optional<rate_limiter::verdict>>(std::string_view key, rate)> take_shared{};
};

struct gateway_options {
    std::vector<std::string> allowed_origins;
    // A path: below it, allowed origins may have the browser send cookies. Empty: nowhere.
    std::string_view credentials_below{};
    // A path: below it S3's protocol is spoken. Allowed origins may send it any header, since what matters is
    // signed and metadata has names of its own, and read what its clients go by (ETag, Content-Range, …).
    std::string_view objects_below{};
};

class gateway {
  public:
    gateway(const router& routes, rate_limits& limits, gateway_options how, gateway_hooks hooks);

    // Never throws.
    task<response> handle(request& in);
    // Adds what every answer carries to one that was given before `handle` was asked.
    void dress(const request& in, response& r) const;

  private:
    // The bucket that is nearest to its end, for the client to pace itself by.
    struct pace {
        std::optional<rate_limiter::verdict> left{};
        rate of{};
        void see(const rate_limiter::verdict& v, const rate& r);
    };
    task<std::optional<response>> limit(rate_limiter& by, std::string key, pace& p);
    task<response> admit(exchange& x, const router::match& found, pace& p);
    task<response> run(exchange& x, const mounted_route& to, pace& p);
    task<std::optional<response>> identify(exchange& x, const mounted_route& to, pace& p);
    std::optional<response> read_idempotency_key(exchange& x, const mounted_route& to);
    std::optional<response> preflight(const request& in, const router::match& found) const;
    bool allowed_origin(std::string_view origin) const;
    bool takes_cookies(const request& in) const;
    bool has_objects(const request& in) const;
    void add_common_headers(const exchange& x, const pace& p, response& r) const;

    const router& routes_;
    rate_limits& limits_;
    gateway_options how_;
    gateway_hooks hooks_;
};

}  // namespace astrotalk::http
