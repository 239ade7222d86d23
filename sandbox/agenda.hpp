// What is to happen later, by the sandbox's clock, which tests move: after `clock::advance` the next
// `run_due` does everything that has come due, in the order of its time. Bounded: beyond `limit` the latest
// comer is refused.
// Thread safety: none; it belongs to the sandbox's loop.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "core/clock.hpp"
#include "core/task.hpp"

namespace sandbox {

class agenda {
  public:
    static constexpr std::size_t limit = 500'000;

    bool at(astrotalk::instant when, std::function<void()> what);
    // What is done may put more on the agenda; what is due of that is done too.
    void run_due();
    // When the next thing is due.
    std::optional<astrotalk::instant> next() const;
    std::size_t size() const { return waiting_.size(); }
    void clear() { waiting_.clear(); }

    // Looks every few milliseconds, until `stop`.
    astrotalk::task<void> keep();
    void stop() { stopping_ = true; }

  private:
    std::multimap<astrotalk::instant, std::function<void()>> waiting_;  // equal times: in order of arrival
    bool stopping_ = false;
};

}  // namespace sandbox
