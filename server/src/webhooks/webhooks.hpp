// The one receiver of what other systems call us back with: POST /webhooks/{provider}.
//
// An event is checked, stored and answered by one statement, which also orders its work: an outbox row of the
// kind webhook.<provider> {"eventId": …}, whose id is ours. What an event means is for that kind's handler;
// here nobody knows. A webhook is a hint: it may come twice, late, out of order or never, and a handler asks
// the provider for the truth before it changes anything.
//
// Thread safety: none; a service and its calls belong to one loop. Errors: an outage throws pg::unavailable,
// so that the provider hears 503 and tries again.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "http/http.hpp"
#include "jobs/jobs.hpp"
#include "jobs/sealed_data.hpp"
#include "pg/pg.hpp"
#include "webhooks/domain.hpp"

namespace astrotalk::webhooks {

// Makes that provider's counters, so that the first of anything is seen as a rise.
connection connect(const provider& with, secret current, secret previous);

struct service {
    pg::client& pg;
    const crypto::keyring& keys;
    std::vector<connection> connections;
};

enum class outcome : std::uint8_t {
    stored,
    repeat,    // known already: nothing was done
    conflict,  // known already with another body: kept beside the first, and nobody acts on it
};

// An event whose signature was checked.
task<outcome> receive_event(service& s, provider from, envelope what, std::string body);

struct stored_event {
    std::string event_id;
    std::string body;
    instant received_at;
    std::optional<instant> created_at;  // as its sender says
};
// For handlers. Nothing when there is no such event, or its body has been forgotten. Throws
// jobs::permanent_failure when it does not open.
task<std::optional<stored_event>> read_event(pg::client& database, const crypto::keyring& keys, uuid id);
// The event that a job of webhook.<provider> is about; throws jobs::permanent_failure when it is about none.
uuid event_of(const jobs::job& work);

// For handlers to say what they made of an event: it came after what it tells was known or over; it is of a
// kind that we do not know. Thread-safe.
void count_late(const provider& from);
void count_unknown(const provider& from);

// Forgets bodies after 30 days and events after 90, which is longer than any provider retries. For a
// schedule.
task<void> purge_events(pg::client& database);

std::span<const jobs::sealed_column> sealed_columns();
std::span<const http::route<service>> routes();

}  // namespace astrotalk::webhooks
