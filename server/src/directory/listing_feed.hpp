// Keeps one I/O thread's listing_index as the database has it: asked before it is used, at most every half
// second, so that nothing runs where nobody searches.
//
// Thread safety: none. Errors: pg::unavailable, when it is older than two seconds and cannot be read.
#pragma once

#include "core/loop.hpp"
#include "directory/listing_index.hpp"
#include "pg/pg.hpp"

namespace astrotalk::directory {

class listing_feed {
  public:
    static constexpr std::chrono::milliseconds renewed_after{500}, at_most{2000};

    // The index, no older than `at_most` when this returns. Valid until the next wait of the caller.
    task<const listing_index*> follow(pg::client& pg);

  private:
    using steady = std::chrono::steady_clock;
    task<void> read(pg::client& pg);
    bool younger_than(std::chrono::milliseconds age) const { return asked_ && steady::now() - *asked_ < age; }

    listing_index index_;
    std::int64_t horizon_ = 0;
    std::optional<steady::time_point> asked_;  // when the question was put that was answered last
    bool reading_ = false;
    event read_;
};

}  // namespace astrotalk::directory
