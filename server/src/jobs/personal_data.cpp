#include "jobs/personal_data.hpp"

namespace astrotalk::jobs {
namespace {

using columns = const std::string_view[];

constexpr columns message_columns = {"outbox.payload", "outbox.last_error"};
constexpr columns answer_columns = {"idempotency.answer", "idempotency.fingerprint"};

// Neither knows whose it is, so neither can be shown to one person: the message's text and number are sealed
// together, an answer holds ids.
constexpr pg::data_class classes[] = {
    {.name = "jobs.messages",
     .english =
         "Messages on their way to you, sealed, until they are sent; for 90 days those that cannot be.",
     .hindi = "आपको भेजे जा रहे संदेश, सीलबंद, भेजे जाने तक; जो नहीं भेजे जा सके वे 90 दिन तक।",
     .kept = pg::retention::transient,
     .columns = message_columns},
    {.name = "jobs.answers",
     .english = "What was answered to a request that may be repeated, for 24 hours.",
     .hindi = "दोहराए जा सकने वाले अनुरोध का उत्तर, 24 घंटे तक।",
     .kept = pg::retention::transient,
     .columns = answer_columns},
};

constexpr columns impersonal = {"data_key.id", "data_key.wrapped", "lease.name"};

}  // namespace

pg::personal_data personal_data() { return {classes, impersonal}; }

}  // namespace astrotalk::jobs
