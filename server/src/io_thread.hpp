// One I/O thread's own of everything: its loop, its database connections, an instance of every feature, the
// routes to them and the gateway before those. Nothing here is shared on a request's way.
#pragma once

#include <functional>
#include <memory>

#include "core/loop.hpp"
#include "crypto/keyring.hpp"
#include "http/client.hpp"
#include "http/http.hpp"
#include "http/rate_limit.hpp"
#include "identity/identity.hpp"
#include "notification/notification.hpp"
#include "onboarding/onboarding.hpp"
#include "open_storage.hpp"
#include "recharge/recharge.hpp"
#include "settings.hpp"

namespace astrotalk {

// What the threads of one process share; all of it thread-safe. It outlives the threads.
struct shared_state {
    const settings& config;
    const crypto::keyring& keys;
    const identity::user_pool& pool;
    const identity::live_pool& live;
    const identity::revocations& ended;
    identity::admin_credentials& admin_keys;
    const geo::atlas* atlas;  // null: none is supplied
    thread_pool& signing;
    onboarding::kyc::provider& digio;
    recharge::provider& razorpay;
    http::rate_limits& limits;
    http::client& out;
    notification::live_feed& feed;
    storage_parts storage;
    std::function<void()> wake_outbox;  // any thread; cheap
};

class io_thread {
  public:
    explicit io_thread(const shared_state& shared);
    ~io_thread();
    io_thread(const io_thread&) = delete;

    loop& on() { return loop_; }
    task<http::response> answer(http::request& in);
    // How large a body may follow that header, above the ordinary limit.
    task<http::server_options::admission> admit_body(http::request& head);
    // After the server has stopped: ends the connections to Redis and the database.
    task<void> close();
    const http::router& routes() const;

  private:
    struct features;
    loop loop_;
    std::unique_ptr<features> features_;
};

}  // namespace astrotalk
