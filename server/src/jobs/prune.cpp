#include "jobs/jobs.hpp"
#include "jobs/queries.hpp"
#include "telemetry/metrics.hpp"

namespace astrotalk::jobs {
namespace {

struct outbox_state {
    std::int64_t waiting, dead, oldest_seconds;
};
BOOST_DESCRIBE_STRUCT(outbox_state, (), (waiting, dead, oldest_seconds))

task<void> until_nothing_is_left(pg::client& database, const pg::statement& prune) {
    while (co_await database.execute(prune) > 0) {
    }
}

}  // namespace

task<void> prune_idempotency(pg::client& database) {
    return until_nothing_is_left(database, sql::prune_idempotency);
}
task<void> prune_challenges(pg::client& database) {
    return until_nothing_is_left(database, sql::prune_challenges);
}
task<void> prune_dead_letters(pg::client& database) {
    return until_nothing_is_left(database, sql::prune_dead_letters);
}

task<void> measure_outbox(pg::client& database) {
    const auto state = co_await database.read_one<outbox_state>(sql::measure_outbox);
    telemetry::gauge_of("astrotalk_outbox_waiting", "Outbox rows not done yet.").set(state->waiting);
    telemetry::gauge_of("astrotalk_outbox_dead", "Dead letters.").set(state->dead);
    telemetry::gauge_of("astrotalk_outbox_oldest_seconds", "Age of the oldest row not done yet.")
        .set(state->oldest_seconds);
}

}  // namespace astrotalk::jobs
