// What the process does besides answering: the outbox, the duties that one node holds, following revocations
// and the pool. On its own thread's loop with its own database connections, so that neither starves requests
// nor is starved by them.
#pragma once

#include <memory>

#include "core/loop.hpp"
#include "crypto/keyring.hpp"
#include "http/client.hpp"
#include "identity/identity.hpp"
#include "notification/notification.hpp"
#include "onboarding/onboarding.hpp"
#include "open_storage.hpp"
#include "recharge/recharge.hpp"
#include "settings.hpp"

namespace astrotalk {

// What the background brings up to date for the threads that answer, the pool that draws new keys, and what
// it shares with them.
struct followed {
    identity::live_pool& live;
    identity::revocations& ended;
    identity::admin_credentials& admin_keys;
    thread_pool& signing;
    onboarding::kyc::provider& digio;
    recharge::provider& razorpay;
    const geo::atlas* atlas;  // null: none is supplied
};

class background {
  public:
    background(loop& on, const settings& config, crypto::keyring& keys, followed identity, http::client& out,
               notification::live_feed& feed, const storage_parts& storage, const std::string& issuer);
    ~background();
    background(const background&) = delete;

    void start();
    // Ends what is under way. On its loop.
    task<void> stop();
    // Any thread.
    void wake_outbox();

  private:
    struct duties;
    std::unique_ptr<duties> duties_;
};

}  // namespace astrotalk
