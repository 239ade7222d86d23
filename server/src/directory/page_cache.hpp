// Answers of the public listing, kept for a moment. One per I/O thread; the clock is the caller's steady
// clock. Bounded in entries and bytes: when full it starts over, which with answers this short-lived costs
// next to nothing.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace astrotalk::directory {

class page_cache {
  public:
    using time = std::chrono::steady_clock::time_point;

    // Nothing in it is older than `staleness`.
    explicit page_cache(std::chrono::milliseconds staleness = std::chrono::seconds(2),
                        std::size_t most_entries = 256, std::size_t most_bytes = 2 << 20)
        : staleness_(staleness), most_entries_(most_entries), most_bytes_(most_bytes) {}

    // Valid until the next `put`; null where there is none that is fresh.
    const std::string* find(const std::string& key, time now) const;
    // `read_at` is when the database was asked.
    void put(std::string key, std::string answer, time read_at);

  private:
    struct entry {
        std::string answer;
        time read_at;
    };
    std::chrono::milliseconds staleness_;
    std::size_t most_entries_, most_bytes_;
    std::size_t bytes_ = 0;
    std::unordered_map<std::string, entry> entries_;
};

}  // namespace astrotalk::directory
