// The user pool of this installation.
//
// `user_pool` is its names, fixed at first start. `pool_snapshot` is what an operator changes while it runs,
// as it was read last: app clients and signing keys. `live_pool` hands the newest snapshot to all threads.
// Thread-safe: the first two do not change, and everyone shares one.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"
#include "crypto/rsa.hpp"
#include "identity/app_client.hpp"

namespace astrotalk::identity {

enum class token_use : std::uint8_t { access, id };
std::string_view name_of(token_use use);

// Signs tokens of one use. The JOSE header is the same in all of them, so it is encoded once.
class signing_key {
  public:
    signing_key(token_use use, crypto::rsa_key key);

    token_use use() const { return use_; }
    const std::string& kid() const { return kid_; }  // the RFC 7638 thumbprint
    crypto::rsa_public_key public_key() const { return key_.public_key(); }
    // The compact JWS over `claims`, a JSON object. About 240 µs: not on a loop.
    std::string sign(std::string_view claims) const;

  private:
    token_use use_;
    crypto::rsa_key key_;
    std::string kid_, header_;
};

std::string thumbprint(const crypto::rsa_public_key& key);

struct user_pool {
    std::string id, region, issuer, identity_pool_id;
    std::string client_id;  // of our own apps

    std::string discovery() const;  // OpenID Connect Discovery 1.0
};

// Longer than any access or ID token lives: for so long a retired key is published and verifies.
inline constexpr std::chrono::hours key_afterlife{25};

// A key and its turn: published from the start, signing from `signs_from` until its successor does.
struct key_turn {
    std::shared_ptr<const signing_key> key;
    instant signs_from;
    std::optional<instant> retired_at;

    bool gone(instant now) const { return retired_at && *retired_at + key_afterlife <= now; }
};

struct pool_snapshot {
    std::int64_t version = -1;
    std::unordered_map<std::string, client_ref> clients;
    std::vector<key_turn> keys;

    client_ref find_client(const std::string& id) const;  // null: there is none
    // The key whose turn it is. There is one in every pool that was bootstrapped.
    const std::shared_ptr<const signing_key>& signer(token_use use, instant now) const;
    std::string jwks(instant now) const;  // RFC 7517
};

// One object per process. `publish` is called by the one who follows the tables; readers are one per thread
// and cost an atomic load while nothing changes.
class live_pool {
  public:
    void publish(std::shared_ptr<const pool_snapshot> newest);
    std::int64_t version() const;  // of the newest; -1: none yet

    class reader {
      public:
        explicit reader(const live_pool& of) : of_(of) {}
        // Counted by this thread alone. Copy it to keep it across a suspension.
        const std::shared_ptr<const pool_snapshot>& get();

      private:
        const live_pool& of_;
        std::uint64_t seen_ = 0;
        std::shared_ptr<const pool_snapshot> mine_ = std::make_shared<const pool_snapshot>();
    };

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<const pool_snapshot> newest_ = std::make_shared<const pool_snapshot>();
    std::atomic<std::uint64_t> published_{0};
};

}  // namespace astrotalk::identity
