// Access tokens to principals. One verifier per thread.
//
// The token is checked once (RS256 by a key of ours for access tokens, exact issuer, a client of the pool,
// token_use, expiry) and then remembered; expiry and revocation are checked every time. What fails is never
// remembered, and a change of keys or clients makes it forget everything.
// Headers cannot name the key's place or the algorithm: jku, jwk, x5u and everything but RS256 are refused by
// not being read.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "core/task.hpp"
#include "http/http.hpp"
#include "identity/revocations.hpp"
#include "identity/user_pool.hpp"
#include "pg/pg.hpp"

namespace astrotalk::identity {

enum class token_fault : std::uint8_t {
    not_valid,
    expired,  // and right otherwise
};

class verifier {
  public:
    // `capacity` bounds the remembered tokens, each about 1.5 KB. `live` and `ended` outlive the verifier.
    verifier(const user_pool& pool, const live_pool& live, const revocations& ended,
             std::size_t capacity = 16'384);
    verifier(const verifier&) = delete;
    ~verifier();

    // The holder of a valid, unrevoked access token of a client that may use our own API. Asks the database
    // only when the revocations are stale;
    // then an outage throws pg::unavailable. `token` stays valid until the task is done.
    task<std::optional<http::principal>> authenticate(pg::client& pg, std::string_view token);

    // Of any client of the pool, and without revocations: for the pool's own operations, which ask the
    // database themselves.
    result<http::principal, token_fault> check(std::string_view token);

  private:
    struct verified {
        http::principal who;
        instant issued, expires;
        bool opens_api = false;
    };
    struct by_signature {
        using is_transparent = void;
        std::size_t operator()(std::string_view token) const;
    };
    using cache =
        std::unordered_map<std::string, std::shared_ptr<const verified>, by_signature, std::equal_to<>>;
    struct known_key {
        std::string kid;
        crypto::rsa_public_key key;
        key_turn turn;
    };

    void follow();
    std::shared_ptr<const verified> find(std::string_view token);
    std::shared_ptr<const verified> examine(std::string_view token) const;
    void remember(std::string_view token, std::shared_ptr<const verified> entry);

    const std::string issuer_;
    live_pool::reader live_;
    std::shared_ptr<const pool_snapshot> seen_;
    std::vector<known_key> keys_;
    revocations::reader ended_;
    const revocations& revocations_;
    const std::size_t capacity_;
    cache recent_, older_;  // two generations: when the first is full it becomes the second
};

}  // namespace astrotalk::identity
