// Token buckets by key, in bounded memory. Approximate by design: what must be exact lives in PostgreSQL.
//
// A bucket that has filled up again is the same as none, so full buckets are what gives way. When the table
// is full of buckets in use, a newcomer shares the slot of the one that was used longest ago.
//
// One table serves all I/O threads of a process. A table a thread would give a client with many connections a
// multiple of the rate; dividing the rate by the threads would give one with a single connection, which stays
// on its thread, only a part of it. Thread-safe: a lock a stripe, held for the search of one cache line or
// two.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

namespace astrotalk::http {

struct rate {
    double per_second = 1;
    double burst = 1;
};

class rate_limiter {
  public:
    using time = std::chrono::steady_clock::time_point;
    // `capacity` is rounded up to a power of two.
    explicit rate_limiter(rate allowed, std::size_t capacity = 1 << 16);

    struct verdict {
        bool allowed;
        int remaining;            // whole requests left in the bucket
        int retry_after_seconds;  // of a refusal; at least 1
    };
    verdict take(std::string_view key, time now);
    const rate& allowed() const { return allowed_; }

  private:
    struct alignas(64) stripe {
        std::mutex mutex;
    };
    struct bucket {
        std::uint64_t key = 0;  // a keyed hash: nobody outside can aim for a neighbour's slot
        float tokens = 0;
        std::uint32_t at_ms = 0;
    };
    bucket& find(std::size_t first, std::uint64_t key, std::uint32_t now_ms);
    float filled(const bucket& b, std::uint32_t now_ms) const;

    rate allowed_;
    std::uint64_t seed_;
    time begin_;
    std::vector<bucket> buckets_;
    std::array<stripe, 64> stripes_;  // each bucket belongs to one, with its neighbours
};

// What a process allows one address and one signed-in user.
struct rate_limits {
    rate_limits(rate per_address, rate per_user) : by_address(per_address), by_user(per_user) {}

    rate_limiter by_address, by_user;
};

}  // namespace astrotalk::http
