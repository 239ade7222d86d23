// Effects outside the database, duties held by one node, and schedules.
//
// The outbox: a statement that causes an effect inserts (id, kind, payload) into `outbox`; a worker does it
// after the commit, at least once. A crash between doing and deleting does it again with the same id:
// handlers pass the id on as the provider's idempotency id. Urgent rows (a code that somebody waits for) come
// before all others, however many wait. What is not done after ten attempts is a dead
// letter, which staff can list and replay. Kinds and their payloads (JSON):
//   sms.send           {"to": "+91…", "templateName": "…", "text": "…", "notAfter"?: an instant}
//   email.send         {"to": "a@b.in", "subject": "…", "text": "…", "notAfter"?: an instant}
//   booking.confirmed, .cancelled, .completed, .no_show  {"bookingId": "…"}
//   booking.rescheduled  {"bookingId": "…", "moves": how often it has moved by then}
//   booking.reminder   {"bookingId": "…", "kind": day, hour or minutes, "startsAt": an instant}
//   consent.withdrawn  {"userId": "…", "purpose": "kyc"}
//   webhook.<provider> {"eventId": "…"}, ours
//   kyc.decided        {"userId": "…", "sessionId": "…", "outcome": approved, rejected or failed}
//   payout_account.changed  {"userId": "…", "payableFrom": an instant}
//   recharge.paid, .book  {"userId": "…", "rechargeId": "…"}; .book for the hold that waited for the money
//   recharge.refunded  {"userId": "…", "rechargeId": "…", "outcome": processed, failed or rejected}
//   push.send          {"deviceId", "userId", "notificationId", "kind", "title", "body", "notAfter"}
//
// Thread safety: a worker, lease or scheduler belongs to one loop; `seal_payload`, `open_payload` and what is
// marked so may be called from any thread. Lifetime: the client, keyring and these objects outlive the `run`
// they gave out. Errors: an outage of the database is waited out, never thrown from `run`.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/loop.hpp"
#include "core/secret.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "pg/pg.hpp"

namespace astrotalk::jobs {

// What goes into outbox.payload. Thread-safe.
bytes seal_payload(const crypto::keyring& keys, uuid outbox_id, std::string_view json);
std::optional<std::string> open_payload(const crypto::keyring& keys, uuid outbox_id, const bytes& sealed);

struct job {
    uuid id;
    std::string payload;  // JSON, opened
    int attempt = 1;  // with `id`, names this claim: a statement that ends the row itself fences with both
};

// Thrown by a handler when trying again cannot help: the row becomes a dead letter at once.
// The text of whatever a handler throws is stored and logged, so it never holds personal data or secrets.
struct permanent_failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Thrown by a handler that was told when to try again, by a Retry-After: not before, and at most an hour
// later.
struct retry_later : std::runtime_error {
    retry_later(std::chrono::milliseconds wait, const std::string& why)
        : std::runtime_error(why), after(wait) {}
    std::chrono::milliseconds after;
};

// Done when it returns; to be tried again when it throws. It may have deleted the row itself, in its own
// statement.
using handler = std::function<task<void>(job)>;

struct worker_options {
    std::chrono::milliseconds poll{100};
    int concurrency = 16;
    // A claimed row is nobody else's for so long. The worker renews it while the handler runs.
    std::chrono::milliseconds lease{30'000};
    int attempts = 10;
    std::chrono::milliseconds backoff_base{1000};
    std::chrono::milliseconds backoff_cap{300'000};
};

// Before attempt n + 1, n having failed: uniform over [0, min(cap, base × 2^(n-1))], so that a recovering
// provider is not met by everyone at once.
std::chrono::milliseconds backoff_after(int attempt, const worker_options& how);

class outbox_worker {
  public:
    outbox_worker(loop& on, pg::client& database, const crypto::keyring& keys, worker_options how = {});
    outbox_worker(const outbox_worker&) = delete;

    // Before `run`. Rows of other kinds are left alone, for a newer node.
    void handle(std::string kind, handler with);

    // Works until `stop`, then ends the jobs under way.
    task<void> run();
    // Looks for rows now. Any thread; costs one atomic when already awake. Call it after the commit.
    void wake();
    // Any thread.
    void stop();

  private:
    struct running_job {
        std::string kind;
        job what;
    };
    task<bool> claim();
    task<void> perform(running_job work, bytes sealed);
    task<void> settle(const running_job& work, std::string failure, bool permanent,
                      std::chrono::milliseconds at_least);
    task<void> renew();
    task<void> finish();
    void bury(const running_job& work, const std::string& why);

    loop& home_;
    pg::client& database_;
    const crypto::keyring& keys_;
    worker_options how_;
    std::map<std::string, handler, std::less<>> handlers_;
    std::vector<std::string> kinds_;
    std::map<uuid, int> under_way_;  // id to attempt; those finished stay until their rows are gone
    std::vector<uuid> finished_;
    std::chrono::steady_clock::time_point renewed_{};
    event changed_;
    std::atomic<bool> awake_{false}, stopping_{false};
};

// A duty that one node holds at a time. `hold` acquires or renews; it asks the database only when a third of
// the lease has passed, so it may be called before every step. `held` is by the local steady clock, counted
// from before the question: a node that cannot renew stops believing before another can begin.
class lease {
  public:
    lease(pg::client& database, std::string name,
          std::chrono::milliseconds lasts = std::chrono::milliseconds(5000));
    lease(const lease&) = delete;

    task<bool> hold();
    bool held() const;
    task<void> release();  // so that another need not wait for the end
    const std::string& name() const { return name_; }

  private:
    pg::client& database_;
    std::string name_;
    uuid holder_;
    std::chrono::milliseconds lasts_;
    std::chrono::steady_clock::time_point until_{}, asked_{};
    bool asking_ = false;
};

class scheduler {
  public:
    explicit scheduler(pg::client& database);
    scheduler(const scheduler&) = delete;

    // Before `run`. Each `period` after the last end, on the node that holds the lease `duty`; on every node
    // when `duty` is empty. Tasks that share a duty share its lease. A task that throws is logged and
    // counted, and runs again next time. A task longer than the lease may run on two nodes: tasks must bear
    // that.
    void every(std::chrono::milliseconds period, std::string name, std::string duty,
               std::function<task<void>()> what);

    // Until `stop`; then ends the tasks under way and gives the leases back.
    task<void> run();
    void stop();  // on its loop

  private:
    struct schedule {
        std::chrono::milliseconds period;
        std::string name;
        lease* duty;
        std::function<task<void>()> what;
    };
    task<void> repeat(const schedule& each);
    task<void> once(const schedule& each);

    pg::client& database_;
    std::map<std::string, std::unique_ptr<lease>> duties_;
    std::vector<std::unique_ptr<schedule>> schedules_;
    std::size_t repeating_ = 0;
    event stopping_, ended_;
};

// Background duties, for a schedule. Each works in small batches until nothing is left.
task<void> prune_idempotency(pg::client& database);   // answers older than 24 hours
task<void> prune_challenges(pg::client& database);    // a day after they were made
task<void> prune_dead_letters(pg::client& database);  // 90 days after they died
// Sets the gauges astrotalk_outbox_waiting, astrotalk_outbox_oldest_seconds and astrotalk_outbox_dead.
task<void> measure_outbox(pg::client& database);

}  // namespace astrotalk::jobs
