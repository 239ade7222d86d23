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
#include "settings.hpp"

namespace astrotalk {

// What the background brings up to date for the threads that answer, and the pool that draws new keys.
struct followed {
    identity::live_pool& live;
    identity::revocations& ended;
    identity::admin_credentials& admin_keys;
    thread_pool& signing;
};

class background {
  public:
    background(loop& on, const settings& config, crypto::keyring& keys, followed identity, http::client& out,
               notification::live_feed& feed);
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
