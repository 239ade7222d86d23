// Which sign-ins have ended before their tokens did: the table `revocation`, followed by every node.
//
// One object per process. `apply` is called by the one who tails the table; readers are one per thread and
// cost an atomic load while nothing changes. A tail older than a second is stale: whoever asks must then ask
// the database.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"

namespace astrotalk::identity {

struct revocation {
    user_id user;
    std::optional<family_id> family;  // none: everything the user's tokens were issued for until `at`
    instant at;
};

class revocations {
    struct ended {
        std::unordered_map<family_id, instant> families;
        std::unordered_map<user_id, instant> users;
    };

  public:
    // Entries are forgotten after `keep`, which is longer than an access token lives.
    explicit revocations(std::chrono::seconds keep);

    // What was read from the database as of `read_at`, by its clock; overlapping readings are welcome.
    void apply(const std::vector<revocation>& found, instant read_at,
               std::chrono::steady_clock::time_point asked);
    // The database's time of the last reading.
    std::optional<instant> last_read() const;
    bool fresh() const;
    std::chrono::seconds keep() const { return keep_; }

    class reader {
      public:
        explicit reader(const revocations& of) : of_(of) {}
        bool has_ended(user_id user, family_id family, instant issued);

      private:
        const revocations& of_;
        std::uint64_t version_ = 0;
        std::shared_ptr<const ended> seen_ = std::make_shared<const ended>();
    };

  private:
    const std::chrono::seconds keep_;
    mutable std::mutex mutex_;
    std::shared_ptr<const ended> current_ = std::make_shared<const ended>();
    std::optional<instant> last_read_;
    std::atomic<std::uint64_t> version_{0};
    std::atomic<std::chrono::steady_clock::rep> asked_{0};  // 0: never
};

}  // namespace astrotalk::identity
