// Tells people what happened. Features say so by outbox rows (jobs/jobs.hpp); here those rows become
// messages.
//
// One row for several people is first split into one sms.send row for each, in the statement that deletes it:
// a retry after the first of two sends cannot repeat the first. Thread safety: a service belongs to one loop.
// Errors: handlers throw as jobs::handler says.
#pragma once

#include <functional>
#include <string>

#include "core/secret.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "http/client.hpp"
#include "jobs/jobs.hpp"
#include "pg/pg.hpp"

namespace astrotalk::notification {

// The foreign world of SMS. `send` returns when the provider has accepted the message, and throws
// jobs::permanent_failure when it never will. Providers are told the id, so that a repeated send is one
// message.
class sms_sender {
  public:
    virtual ~sms_sender() = default;
    virtual task<void> send(personal to, secret text, uuid idempotency_id) = 0;
};

// POST {base}/sms {"to", "text"} with X-Idempotency-Id. Thread-safe.
class sandbox_sms final : public sms_sender {
  public:
    sandbox_sms(http::client& out, std::string base_url);
    task<void> send(personal to, secret text, uuid idempotency_id) override;

  private:
    http::client& out_;
    std::string url_;
};

struct service {
    pg::client& database;
    const crypto::keyring& keys;
    sms_sender& sms;
};

// Gives the worker the handlers of sms.send, booking.confirmed and booking.cancelled. `s` outlives the
// worker.
void handle_jobs(jobs::outbox_worker& worker, service& s);

}  // namespace astrotalk::notification
