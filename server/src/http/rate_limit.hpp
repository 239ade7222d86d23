// Token buckets by key, in bounded memory. Approximate by design: what must be exact lives in PostgreSQL.
//
// A bucket that has filled up again is the same as none, so full buckets are what gives way. When the table
// is full of buckets in use, a newcomer shares the slot of the one that was used longest ago. Thread safety:
// none; one per loop. Limits are a thread's share of the configured rate.
#pragma once

#include <chrono>
#include <cstdint>
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

  private:
    struct bucket {
        std::uint64_t key = 0;  // a keyed hash: nobody outside can aim for a neighbour's slot
        float tokens = 0;
        std::uint32_t at_ms = 0;
    };
    bucket& find(std::uint64_t key, std::uint32_t now_ms);
    float filled(const bucket& b, std::uint32_t now_ms) const;

    rate allowed_;
    std::uint64_t seed_;
    time begin_;
    std::vector<bucket> buckets_;
};

}  // namespace astrotalk::http
