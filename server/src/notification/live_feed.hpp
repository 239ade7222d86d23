// Who of this node listens for news, and the waking of them. One per process.
//
// Thread-safe, but a listener belongs to the loop that it was made on. Lifetime: the feed outlives its
// listeners, and the loops outlive the feed.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/loop.hpp"
#include "core/result.hpp"

namespace astrotalk::notification {

class live_feed {
  public:
    struct limits {
        std::size_t of_user = 5;  // devices and tabs
        std::size_t in_all = 2000;
    };
    enum class full : std::uint8_t { user, node };

    live_feed() : live_feed(limits()) {}
    explicit live_feed(limits most) : most_(most) {}
    live_feed(const live_feed&) = delete;

    class listener {
      public:
        listener(live_feed& to, user_id who);
        ~listener();
        listener(const listener&) = delete;

        // From now on `news` is set when there is some; null: no more.
        void tell(event* news) { told_ = news; }
        // Whether there was any since the last time.
        bool take_news() { return std::exchange(news_, false); }

      private:
        friend class live_feed;
        void hear();
        live_feed& feed_;
        const user_id who_;
        loop& home_;
        event* told_ = nullptr;
        bool news_ = false;
    };
    // On the loop that listens.
    result<std::shared_ptr<listener>, full> listen(user_id who);

    void wake(const std::vector<user_id>& who);
    std::size_t listening() const;

    // What the one who tails remembers between two looks; of its loop alone.
    struct tail {
        std::optional<instant> since;
        std::unordered_map<uuid, instant> seen;
    } looked{};

  private:
    // Who wakes never holds a listener, or it might be the last to do so, on another loop.
    struct entry {
        const listener* which;
        loop* home;
        std::weak_ptr<listener> there;
    };
    void forget(const listener& gone);

    const limits most_;
    mutable std::mutex mutex_;
    std::unordered_map<user_id, std::vector<entry>> listeners_;
    std::size_t count_ = 0;
};

}  // namespace astrotalk::notification
