// Token buckets that all nodes share, as keys of Redis. One script does a request's whole work, by Redis's
// clock, so nodes need not agree on the time; a key holds the instant at which its bucket is full again, and
// expires then, because a full bucket is the same as none.
//
// Thread safety and lifetime are those of the client.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "redis/redis.hpp"

namespace astrotalk::redis {

struct taken {
    bool allowed = false;
    int remaining = 0;                 // whole tokens left
    std::chrono::microseconds wait{};  // of a refusal: until there is a token. A refusal costs nothing
};

// Nothing when Redis is away or late. `key` must not name a person: an address is personal data.
task<std::optional<taken>> take_token(client& from, std::string key, double per_second, double burst);

}  // namespace astrotalk::redis
