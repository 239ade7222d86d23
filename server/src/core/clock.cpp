#include "core/clock.hpp"

#include <atomic>

namespace astrotalk::clock {
namespace {
std::atomic<std::int64_t> moved_by{0};
}

std::chrono::microseconds offset() {
    return std::chrono::microseconds(moved_by.load(std::memory_order_relaxed));
}
instant now() {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()) +
           offset();
}
void advance(std::chrono::microseconds by) { moved_by.fetch_add(by.count(), std::memory_order_relaxed); }

}  // namespace astrotalk::clock
