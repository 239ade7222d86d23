#include "http/json.hpp"
#include "social/queries.hpp"
#include "social/social.hpp"

namespace astrotalk::social {
namespace {

constexpr std::int32_t at_once = 200;

struct available {
    user_id astrologer_id;
    std::string what;
};
BOOST_DESCRIBE_STRUCT(available, (), (astrologer_id, what))

struct told {
    astrotalk::user_id user_id, astrologer_id;
    std::string name, what;
};
BOOST_DESCRIBE_STRUCT(told, (), (user_id, astrologer_id, name, what))

struct claimed {
    astrotalk::user_id user_id;
    std::string display_name;
};
BOOST_DESCRIBE_STRUCT(claimed, (), (user_id, display_name))

// Who is claimed is told in the same transaction: a crash in between repeats nothing and forgets nobody.
task<void> tell_some(service& s, pg::transaction& t, available what, std::size_t& count) {
    const auto whom = co_await t.query<claimed>(sql::claim_followers, what.astrologer_id, at_once);
    std::vector<uuid> ids;
    std::vector<bytes> payloads;
    for (const auto& each : whom) {
        ids.push_back(uuid::v7());
        const auto payload =
            http::to_json(told{each.user_id, what.astrologer_id, each.display_name, what.what});
        payloads.push_back(jobs::seal_payload(s.keys, ids.back(), payload));
    }
    co_await t.execute(sql::tell_claimed, ids, payloads);
    count = whom.size();
}

task<void> tell_followers(service& s, jobs::job work) {
    const auto what = http::from_json<available>(work.payload);
    if (!what) throw jobs::permanent_failure("the payload is not about somebody who is free");
    std::size_t count = 0;
    do {
        co_await s.pg.transact(
            [&s, &count, what = *what](pg::transaction& t) { return tell_some(s, t, what, count); });
    } while (count == static_cast<std::size_t>(at_once));
}

}  // namespace

void handle_jobs(jobs::outbox_worker& worker, service& s) {
    worker.handle("astrologer.available",
                  [&s](jobs::job work) { return tell_followers(s, std::move(work)); });
}

}  // namespace astrotalk::social
