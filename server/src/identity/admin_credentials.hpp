// The keys of the admin operations (AWS Signature Version 4), and what the operator does with them.
//
// `admin_credentials` is one object per process and thread-safe: what the table held when it was last read,
// once a second on every node, so that a request with a key asks no database. A reading older than three
// seconds is stale: whoever asks must then read again. So a removed key stops within seconds everywhere.
// Errors: an outage throws pg::unavailable.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"
#include "core/secret.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "pg/pg.hpp"

namespace astrotalk::identity {

class admin_credentials {
  public:
    using by_id = std::unordered_map<std::string, bytes>;

    // What the table holds, by access key id and sealed, as asked at `asked`.
    void apply(by_id found, std::chrono::steady_clock::time_point asked);
    bool fresh() const;
    std::optional<bytes> find(const std::string& access_key_id) const;

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<const by_id> current_ = std::make_shared<const by_id>();
    std::atomic<std::chrono::steady_clock::rep> asked_{0};  // 0: never
};

// One reading; every second on every node.
task<void> tail_admin_credentials(pg::client& pg, admin_credentials& into);

// The secret of a key, unless it was removed.
task<std::optional<secret>> find_admin_secret(pg::client& pg, const crypto::keyring& keys,
                                              admin_credentials& known, std::string access_key_id);

// --- For the operator.

// What a client is configured with.
struct admin_credential {
    std::string access_key_id;
    secret secret_access_key;
    std::string region, user_pool_id;
};

struct listed_credential {
    std::string id, label;
    instant created_at;
};

// At the first start of an installation, makes a key and hands it to `keep`, which must have stored it when
// it returns; later does nothing, even when no key is left.
task<void> make_first_credential(pg::client& pg, const crypto::keyring& keys,
                                 std::function<void(const admin_credential&)> keep);
// Nothing when there are twenty already. Throws std::runtime_error when the label is not 1 to 60 characters.
task<std::optional<admin_credential>> add_credential(pg::client& pg, const crypto::keyring& keys,
                                                     std::string label);
task<std::vector<listed_credential>> list_credentials(pg::client& pg);
// Whether there was one of that id.
task<bool> remove_credential(pg::client& pg, std::string access_key_id);

}  // namespace astrotalk::identity
