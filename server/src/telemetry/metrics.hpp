// Counters, gauges and histograms, and their text for Prometheus (exposition format 0.0.4).
//
// A metric is found or made once by name and labels, lives as long as the process, and is then updated
// without locks: each is spread over shards on cache lines of their own, so that I/O threads do not fight
// over one. Own code rather than prometheus-cpp-core 1.0.1, whose histogram takes a mutex per observation and
// whose families are searched under another; alone it would have been fast enough. Measured on 2 shared
// cores, clang-19 -O2, three runs, ns:
//   histogram, 1 thread 5-7 (prometheus-cpp 18-19); 2 threads on one series 8-13 (53-57); counter 2-3 (6)
//   `request` 17-24 and `statement` 16-24, their search by label included
// `TELEMETRY_BENCH=1 telemetry_test` prints our side again.
// Thread safety: everything may be called from any thread. Label values must come from a closed set (routes,
// statement names): never ids or anything a client chooses.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace astrotalk::telemetry {

using labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

inline constexpr std::size_t shard_count = 8;
std::size_t this_thread_shard();

class counter {
  public:
    void add(std::uint64_t n = 1) {
        shards_[this_thread_shard()].value.fetch_add(n, std::memory_order_relaxed);
    }
    std::uint64_t value() const;

  private:
    struct alignas(64) shard {
        std::atomic<std::uint64_t> value{0};
    };
    std::array<shard, shard_count> shards_;
};

class gauge {
  public:
    void set(std::int64_t n) { value_.store(n, std::memory_order_relaxed); }
    void add(std::int64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
    std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::int64_t> value_{0};
};

// Of durations, exposed in seconds.
class histogram {
  public:
    static constexpr std::array<std::int64_t, 15> bounds_us{
        100,    250,     500,     1'000,   2'500,     5'000,     10'000,   25'000,
        50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000};
    void observe(std::chrono::nanoseconds took);

    struct snapshot {
        std::array<std::uint64_t, bounds_us.size() + 1> buckets{};  // not cumulative; the last is +Inf
        std::uint64_t count = 0;
        std::chrono::nanoseconds sum{0};
    };
    snapshot read() const;

  private:
    struct alignas(64) shard {
        std::array<std::atomic<std::uint64_t>, bounds_us.size() + 1> buckets{};
        std::atomic<std::uint64_t> sum_ns{0};
    };
    std::array<shard, shard_count> shards_;
};

// Found or made. The first call fixes the help text; a name has one type for the whole process (an
// assertion).
counter& counter_of(std::string_view name, std::string_view help, labels with = {});
gauge& gauge_of(std::string_view name, std::string_view help, labels with = {});
histogram& histogram_of(std::string_view name, std::string_view help, labels with = {});

// A gauge that is read when Prometheus asks; `read` is called from the asking thread. It ends with the
// returned object.
class watched_gauge {
  public:
    watched_gauge(std::string_view name, std::string_view help, std::function<double()> read);
    ~watched_gauge();
    watched_gauge(const watched_gauge&) = delete;
    watched_gauge& operator=(const watched_gauge&) = delete;

  private:
    std::uint64_t key_;
};

// One answered request: duration by route, count by route and status. `route` is the router's label, "POST
// /v1/holds".
void request(std::string_view route, int status, std::chrono::nanoseconds took);

// One finished SQL statement by its name; `failed` counts outages and errors, not refusals by a constraint.
void statement(std::string_view name, std::chrono::nanoseconds took, bool failed);

// The whole exposition: families and series in the order of their names.
std::string exposition();
inline constexpr std::string_view exposition_type = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace astrotalk::telemetry
