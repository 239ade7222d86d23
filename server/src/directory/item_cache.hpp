// What is shown of astrologers, kept under the version that was seen of each: a change makes another version,
// so nothing is ever invalidated. In this thread's memory and, when there is one, in Redis for all nodes; a
// Redis that does not answer is done without.
//
// Thread safety: none.
#pragma once

#include "core/task.hpp"
#include "directory/page_cache.hpp"
#include "redis/redis.hpp"

namespace astrotalk::directory {

class item_cache {
  public:
    explicit item_cache(redis::client* shared) : shared_(shared) {}

    // For each key its text; null where neither has it.
    task<std::vector<std::optional<std::string>>> find(std::vector<std::string> keys);
    task<void> put(std::vector<std::pair<std::string, std::string>> made);

  private:
    redis::client* shared_;  // null: none is configured
    page_cache own_{std::chrono::minutes(10), 20'000, 16 << 20};
};

}  // namespace astrotalk::directory
