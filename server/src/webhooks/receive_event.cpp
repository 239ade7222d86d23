#include "core/aadhaar.hpp"
#include "core/masked_aadhaar.hpp"
#include "http/json.hpp"
#include "jobs/jobs.hpp"
#include "webhooks/counters.hpp"
#include "webhooks/queries.hpp"
#include "webhooks/webhooks.hpp"

namespace astrotalk::webhooks {
namespace {

constexpr std::string_view body_purpose = "webhook_event.body";
std::string place_of_body(const std::string& row) { return "webhook_event.body:" + row; }

constexpr jobs::sealed_column columns[] = {
    {"webhook_event.body", body_purpose, place_of_body, sql::read_sealed_bodies, sql::replace_sealed_bodies}};

struct event_payload {
    uuid event_id;
};
BOOST_DESCRIBE_STRUCT(event_payload, (), (event_id))

struct event_row {
    std::string provider, event_id;
    bytes body_sealed;
    instant received_at;
    std::optional<instant> created_at;
};
BOOST_DESCRIBE_STRUCT(event_row, (), (provider, event_id, body_sealed, received_at, created_at))

// How much of it is left after a batch.
task<void> until_none(pg::client& database, const pg::statement& forget) {
    while (co_await database.execute(forget) > 0) {
    }
}

}  // namespace

std::span<const jobs::sealed_column> sealed_columns() { return columns; }

task<outcome> receive_event(service& s, provider from, envelope what, std::string body) {
    const auto id = uuid::v7(), job = uuid::v7();
    // A full number is stored nowhere, whatever a provider sends; what came is told by its hash.
    if (holds_aadhaar_number(body)) body = with_masked_aadhaar_numbers(body);
    const auto sealed = s.keys.seal(body_purpose, body, place_of_body(id.to_string()));
    const auto told = jobs::seal_payload(s.keys, job, http::to_json(event_payload{id}));
    const auto ahead = co_await s.pg.write_one<bool>(sql::receive_event, id, from.name, what.event_id,
                                                     what.body_hash, sealed, what.created_at, job, told);
    if (ahead) {
        if (*ahead)
            count(from, "ahead");
        else if (what.created_at)
            observe_delivery(from, clock::now() - *what.created_at);
        co_return outcome::stored;
    }
    const auto conflict = co_await s.pg.write_one<bool>(sql::receive_again, id, from.name, what.event_id,
                                                        what.body_hash, sealed, what.created_at);
    if (!conflict) throw pg::unavailable();  // forgotten between the two statements
    co_return *conflict ? outcome::conflict : outcome::repeat;
}

uuid event_of(const jobs::job& work) {
    const auto named = http::from_json<event_payload>(work.payload);
    if (!named) throw jobs::permanent_failure("the payload is not about an event");
    return named->event_id;
}

task<std::optional<stored_event>> read_event(pg::client& database, const crypto::keyring& keys, uuid id) {
    const auto row = co_await database.read_one<event_row>(sql::read_event, id);
    if (!row) co_return std::nullopt;
    auto body = keys.open(body_purpose, row->body_sealed, place_of_body(id.to_string()));
    if (!body) throw jobs::permanent_failure("an event does not open with this installation's keys");
    observe_lag(row->provider, clock::now() - row->received_at);
    co_return stored_event{row->event_id, std::move(*body), row->received_at, row->created_at};
}

task<void> purge_events(pg::client& database) {
    co_await until_none(database, sql::forget_bodies);
    co_await until_none(database, sql::forget_events);
}

}  // namespace astrotalk::webhooks
