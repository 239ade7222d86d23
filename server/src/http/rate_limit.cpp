#include "http/rate_limit.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <random>

namespace astrotalk::http {
namespace {

constexpr std::size_t neighbours = 8;
// A thread that read the clock before another may come after it: this near to the wrap it went back.
constexpr std::uint32_t early = 0xffff'0000;

std::uint64_t mix(std::uint64_t x) {  // splitmix64's finaliser
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

}  // namespace

rate_limiter::rate_limiter(rate allowed, std::size_t capacity)
    : allowed_(allowed),
      seed_(std::random_device{}() | static_cast<std::uint64_t>(std::random_device{}()) << 32),
      begin_(std::chrono::steady_clock::now()),
      buckets_(std::bit_ceil(std::max(capacity, neighbours))) {}

float rate_limiter::filled(const bucket& b, std::uint32_t now_ms) const {
    std::uint32_t passed = now_ms - b.at_ms;
    if (passed > early) passed = 0;
    const auto gained = static_cast<float>(passed) / 1000 * static_cast<float>(allowed_.per_second);
    return std::min(b.tokens + gained, static_cast<float>(allowed_.burst));
}

rate_limiter::bucket& rate_limiter::find(std::size_t first, std::uint64_t key, std::uint32_t now_ms) {
    bucket* oldest = &buckets_[first];
    for (std::size_t i = first; i < first + neighbours; ++i) {
        if (buckets_[i].key == key) return buckets_[i];
        if (buckets_[i].at_ms < oldest->at_ms) oldest = &buckets_[i];
    }
    // A used slot hands its debt on, so that many addresses cannot wash each other's buckets clean.
    const bool empty = oldest->key == 0;
    const float tokens = empty ? static_cast<float>(allowed_.burst) : filled(*oldest, now_ms);
    *oldest = {key, tokens, now_ms};
    return *oldest;
}

rate_limiter::verdict rate_limiter::take(std::string_view key, time now) {
    const auto now_ms = static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now - begin_).count() + 1);
    const std::uint64_t hashed = mix(std::hash<std::string_view>()(key) ^ seed_) | 1;
    const std::size_t first = hashed & (buckets_.size() - 1) & ~(neighbours - 1);
    const std::lock_guard lock(stripes_[first / neighbours % stripes_.size()].mutex);
    bucket& b = find(first, hashed, now_ms);
    b.tokens = filled(b, now_ms);
    b.at_ms = now_ms;
    if (b.tokens >= 1) {
        b.tokens -= 1;
        return {true, static_cast<int>(b.tokens), 0};
    }
    const double wait = (1 - static_cast<double>(b.tokens)) / allowed_.per_second;
    return {false, 0, std::max(1, static_cast<int>(std::ceil(wait)))};
}

}  // namespace astrotalk::http
