// Tells people what happened. Features say so by outbox rows (jobs/jobs.hpp); here those rows become
// messages.
//
// One row for several people is first split into one sms.send row for each, in the statement that deletes it:
// a retry after the first of two sends cannot repeat the first. Thread safety: a service belongs to one loop.
// Errors: handlers throw as jobs::handler says.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "aws/sigv4.hpp"
#include "core/secret.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "http/client.hpp"
#include "jobs/jobs.hpp"
#include "notification/email.hpp"
#include "notification/inbox.hpp"
#include "notification/push.hpp"
#include "pg/pg.hpp"
#include "sms/templates.hpp"

namespace astrotalk::notification {

struct sms_message {
    personal to;
    secret text;
    std::string template_name;  // sms/templates.hpp
    uuid id;                    // of a repeated send the same, for providers that can tell
};

// The provider will never send this message.
struct sms_refused : std::runtime_error {
    sms_refused(bool number, const std::string& why) : std::runtime_error(why), of_number(number) {}
    bool of_number;  // because of the number, so no other provider will either
};

// The foreign world of SMS. `send` returns when the provider has accepted the message, throws sms_refused
// when it never will, and anything else when trying again may help. What it throws holds nothing personal.
class sms_sender {
  public:
    virtual ~sms_sender() = default;
    virtual task<void> send(sms_message what) = 0;
};

// POST {base}/sms {"to", "text", "templateId", "entityId"} with X-Idempotency-Id. Thread-safe.
class sandbox_sms final : public sms_sender {
  public:
    sandbox_sms(http::client& out, std::string base_url, const sms::registration& registered);
    task<void> send(sms_message what) override;

  private:
    http::client& out_;
    std::string url_;
    const sms::registration& registered_;
};

// Publish of Amazon SNS (docs.aws.amazon.com/sns/latest/api/API_Publish.html). It knows no idempotency: a
// message whose answer was lost arrives twice. It calls nobody back about delivery either; that is in
// CloudWatch's logs. Thread-safe.
struct sns_options {
    std::string url;  // https://sns.ap-south-1.amazonaws.com
    std::string region;
    aws::credentials who;
};
class sns_sms final : public sms_sender {
  public:
    sns_sms(http::client& out, sns_options how, const sms::registration& registered);
    task<void> send(sms_message what) override;

  private:
    http::client& out_;
    sns_options how_;
    const sms::registration& registered_;
};

struct provider {
    std::string name;  // for metrics
    sms_sender* sender;
};

struct service {
    pg::client& database;
    const crypto::keyring& keys;
    std::vector<provider> providers;  // one, or two of which the second helps out
    sms::registration registered{};   // says which languages may be used
    email_sender* mail = nullptr;     // null: none is configured, and what waits to be sent is a dead letter
    push_sender* push = nullptr;      // null: none is configured, and devices are not told
};

// Gives the worker the handlers of sms.send, email.send, push.send, kyc.decided, payout_account.changed and
// of what happens to bookings: booking.confirmed, .cancelled, .rescheduled, .completed, .no_show and
// .reminder. `s` outlives the worker.
void handle_jobs(jobs::outbox_worker& worker, service& s);

// For schedules. `remind` reminds both sides of bookings a day, an hour and ten minutes before they start: of
// each start once, however many nodes are at it, and only of what stands. Whoever books later than that needs
// none; after an outage the last that is due comes, and those before it are left out. Some seconds apart.
task<void> remind(pg::client& database, const crypto::keyring& keys);
task<void> prune_reminders(pg::client& database);  // a day after their start

}  // namespace astrotalk::notification
