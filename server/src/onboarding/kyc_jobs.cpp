#include <boost/describe.hpp>

#include "core/log.hpp"
#include "http/json.hpp"
#include "onboarding/digio.hpp"
#include "onboarding/kyc_steps.hpp"
#include "onboarding/queries.hpp"
#include "telemetry/metrics.hpp"
#include "webhooks/webhooks.hpp"

namespace astrotalk::onboarding::kyc {
namespace {

constexpr std::int32_t lease_seconds = 60;

struct withdrawal_payload {
    astrotalk::user_id user_id;
    std::string purpose;
};
BOOST_DESCRIBE_STRUCT(withdrawal_payload, (), (user_id, purpose))

struct deletion_payload {
    uuid session_id;
};
BOOST_DESCRIBE_STRUCT(deletion_payload, (), (session_id))

template <class T>
T payload_of(const jobs::job& work) {
    auto read = http::from_json<T>(work.payload);
    if (!read) throw jobs::permanent_failure("the payload has another form");
    return std::move(*read);
}

bool is_known(std::string_view event) {
    return event.starts_with("kyc.request.") || event.starts_with("kyc.action.") ||
           event == "documents.pulled.successfully";
}

// A webhook is a hint at which case to look. What it says is not believed, and one that names no case of ours
// stays stored, and that is all.
task<void> heed_webhook(service& s, jobs::job work, const body_reader& body_of) {
    const auto body = co_await body_of(webhooks::event_of(work));
    if (!body) co_return;
    const auto hint = digio::parse_hint(*body);
    if (hint.kid.empty() || !is_known(hint.event)) webhooks::count_unknown(webhooks::digio);
    if (hint.kid.empty()) co_return;
    auto id = co_await s.pg.write_one<uuid>(sql::find_kyc_by_kid, hint.kid);
    if (const auto named = uuid::parse(hint.transaction_id); !id && named)
        id = co_await s.pg.write_one<uuid>(sql::hint_kyc, *named, hint.kid);
    if (id)
        co_await settle(s, *id);
    else
        webhooks::count_late(webhooks::digio);  // the case has ended, or is not ours
}

task<void> heed_withdrawal(service& s, jobs::job work) {
    const auto what = payload_of<withdrawal_payload>(work);
    if (what.purpose != "kyc") co_return;
    for (const auto& id : co_await s.pg.write<uuid>(sql::find_withdrawn_kyc, what.user_id))
        co_await settle(s, id);
    std::vector<uuid> sessions = co_await s.pg.write<uuid>(sql::list_withdrawn_kyc, what.user_id);
    std::vector<uuid> letters;
    std::vector<bytes> payloads;
    for (const auto& id : sessions) {
        letters.push_back(uuid::v7());
        payloads.push_back(jobs::seal_payload(s.keys, letters.back(),
                                              fmt::format(R"({{"sessionId":"{}"}})", id.to_string())));
    }
    if (!sessions.empty())
        co_await s.pg.execute(sql::ask_kyc_deletion, what.user_id, sessions, letters, payloads);
}

// Digio offers no call for it that is known to us (docs/kyc.md): staff ask Digio in writing, and find here
// for which sessions.
task<void> delete_at_processor(service& s, jobs::job work) {
    co_await s.pg.execute(sql::record_kyc_deletion, payload_of<deletion_payload>(work).session_id,
                          uuid::v7());
}

struct round {
    std::size_t left = 0;
    event done;
};

task<void> check(service& s, uuid id, round& of) {
    try {
        co_await settle(s, id);
    } catch (const std::exception& e) {
        log::warning("kyc.check_failed", {{"session", id}, {"error", log::text(e.what())}});
    }
    if (--of.left == 0) of.done.set();
}

struct measured {
    std::int64_t open = 0, waiting_for_staff = 0, deletions = 0, lag_seconds = 0;
};
BOOST_DESCRIBE_STRUCT(measured, (), (open, waiting_for_staff, deletions, lag_seconds))

}  // namespace

void handle_jobs(jobs::outbox_worker& worker, service& s, body_reader body_of) {
    worker.handle("webhook.digio", [&s, body_of = std::move(body_of)](jobs::job work) {
        return heed_webhook(s, std::move(work), body_of);
    });
    worker.handle("consent.withdrawn", [&s](jobs::job work) { return heed_withdrawal(s, std::move(work)); });
    worker.handle("kyc.delete_at_processor",
                  [&s](jobs::job work) { return delete_at_processor(s, std::move(work)); });
}

// All of a batch at a time: its size is the most that Digio is asked at once by this node.
task<int> poll(service& s, int batch) {
    const auto due = co_await s.pg.write<uuid>(sql::claim_kyc_checks, batch, lease_seconds);
    if (due.empty()) co_return 0;
    round all;
    all.left = due.size();
    for (const auto& id : due) spawn(check(s, id, all));
    while (!all.done.is_set()) co_await all.done.wait_for(std::chrono::minutes(1));
    co_return static_cast<int>(due.size());
}

task<void> measure(pg::client& pg) {
    const auto now = co_await pg.read_one<measured>(sql::measure_kyc);
    const auto show = [](std::string_view name, std::string_view help, std::int64_t value) {
        telemetry::gauge_of(name, help).set(value);
    };
    show("astrotalk_kyc_open", "KYC sessions that have not ended.", now->open);
    show("astrotalk_kyc_waiting_for_staff", "KYC sessions that staff are to look at.",
         now->waiting_for_staff);
    show("astrotalk_kyc_deletions_open", "Deletions that Digio is to be asked for.", now->deletions);
    show("astrotalk_kyc_check_lag_seconds", "How late the KYC check is that waits longest.",
         now->lag_seconds);
}

}  // namespace astrotalk::onboarding::kyc
