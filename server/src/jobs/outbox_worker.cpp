#include <algorithm>

#include "core/log.hpp"
#include "crypto/crypto.hpp"
#include "jobs/jobs.hpp"
#include "jobs/queries.hpp"
#include "telemetry/metrics.hpp"

namespace astrotalk::jobs {
namespace {

constexpr std::size_t error_length = 200;
constexpr std::chrono::milliseconds longest_wait = std::chrono::hours(1);

struct claimed_row {
    uuid id;
    std::string kind;
    bytes payload;
    std::int32_t attempts;
    bool dead;
};
BOOST_DESCRIBE_STRUCT(claimed_row, (), (id, kind, payload, attempts, dead))

telemetry::counter& ended(std::string_view kind, std::string_view how) {
    return telemetry::counter_of("astrotalk_jobs_total", "Attempts at outbox rows by how they ended.",
                                 {{"kind", kind}, {"outcome", how}});
}

}  // namespace

std::chrono::milliseconds backoff_after(int attempt, const worker_options& how) {
    auto most = how.backoff_base;
    for (int i = 1; i < attempt && most < how.backoff_cap; ++i) most *= 2;
    most = std::min(most, how.backoff_cap);
    return std::chrono::milliseconds(crypto::random_below(static_cast<std::uint64_t>(most.count()) + 1));
}

outbox_worker::outbox_worker(loop& on, pg::client& database, const crypto::keyring& keys, worker_options how)
    : home_(on), database_(database), keys_(keys), how_(how) {}

void outbox_worker::handle(std::string kind, handler with) {
    kinds_.push_back(kind);
    handlers_.insert_or_assign(std::move(kind), std::move(with));
}

void outbox_worker::wake() {
    if (awake_.exchange(true)) return;
    home_.post([this] { changed_.set(); });
}

void outbox_worker::stop() {
    stopping_ = true;
    home_.post([this] { changed_.set(); });
}

task<void> outbox_worker::run() {
    bool away = false;
    while (!stopping_) {
        changed_.reset();
        awake_ = false;
        bool more = false;
        try {
            co_await renew();
            co_await finish();
            more = co_await claim();
            if (std::exchange(away, false)) log::info("outbox.back");
        } catch (const std::exception& e) {
            if (!std::exchange(away, true)) log::warning("outbox.away", {{"error", log::text(e.what())}});
        }
        if (!more) co_await changed_.wait_for(how_.poll);
    }
    while (!under_way_.empty()) {
        changed_.reset();
        try {
            co_await renew();
            co_await finish();
        } catch (const std::exception&) {
            // Who takes the rows over repeats them under the same ids. To wait for the database would be
            // never to stop.
            for (const auto& id : std::exchange(finished_, {})) under_way_.erase(id);
        }
        co_await changed_.wait_for(how_.poll);
    }
}

// True when a full batch was due, so that more may be.
task<bool> outbox_worker::claim() {
    const int room = how_.concurrency - static_cast<int>(under_way_.size());
    if (room <= 0 || kinds_.empty()) co_return false;
    std::vector<uuid> in_hand;
    for (const auto& [id, attempt] : under_way_) in_hand.push_back(id);
    if (in_hand.empty()) renewed_ = std::chrono::steady_clock::now();
    auto rows = co_await database_.write<claimed_row>(sql::claim_jobs, room, std::int64_t{how_.lease.count()},
                                                      how_.attempts, kinds_, in_hand);
    const bool full = static_cast<int>(rows.size()) == room;
    for (auto& row : rows) {
        running_job work{std::move(row.kind), {row.id, {}, row.attempts}};
        if (row.dead) {
            bury(work, "its last attempt did not end");
        } else {
            under_way_.emplace(row.id, row.attempts);
            spawn(perform(std::move(work), std::move(row.payload)));
        }
    }
    co_return full;
}

// Those that were done since the last time, in one statement: one for each would cost more than the work.
task<void> outbox_worker::finish() {
    if (finished_.empty()) co_return;
    const auto ids = std::exchange(finished_, {});
    try {
        co_await database_.execute(sql::finish_jobs, ids);
    } catch (...) {
        finished_.insert(finished_.end(), ids.begin(), ids.end());
        throw;
    }
    for (const auto& id : ids) under_way_.erase(id);
}

// All rows in hand at once, when a third of the lease has passed: a slow provider does not lose us its row.
task<void> outbox_worker::renew() {
    const auto now = std::chrono::steady_clock::now();
    if (under_way_.empty() || now - renewed_ < how_.lease / 3) co_return;
    std::vector<uuid> ids;
    std::vector<std::int32_t> attempts;
    for (const auto& [id, attempt] : under_way_) {
        ids.push_back(id);
        attempts.push_back(attempt);
    }
    co_await database_.execute(sql::renew_jobs, ids, attempts, std::int64_t{how_.lease.count()});
    renewed_ = now;
}

task<void> outbox_worker::perform(running_job work, bytes sealed) {
    const auto begun = std::chrono::steady_clock::now();
    std::string failure;
    bool failed = false, permanent = false;
    std::chrono::milliseconds at_least{0};
    auto opened = open_payload(keys_, work.what.id, sealed);
    if (!opened) {
        failed = permanent = true;
        failure = "the payload does not open with this installation's keys";
    } else {
        job given = work.what;
        given.payload = std::move(*opened);
        try {
            co_await handlers_.find(work.kind)->second(std::move(given));
        } catch (const permanent_failure& e) {
            failed = permanent = true;
            failure = e.what();
        } catch (const retry_later& e) {
            failed = true;
            failure = e.what();
            at_least = std::min(e.after, longest_wait);
        } catch (const std::exception& e) {
            failed = true;
            failure = e.what();
        }
    }
    telemetry::histogram_of("astrotalk_job_duration_seconds", "One attempt at an outbox row.",
                            {{"kind", work.kind}})
        .observe(std::chrono::steady_clock::now() - begun);
    if (!failed) {
        ended(work.kind, "done").add();
        finished_.push_back(work.what.id);
        const auto batch = static_cast<std::size_t>(how_.concurrency) / 2;
        if (finished_.size() >= batch || finished_.size() == under_way_.size()) changed_.set();
        co_return;
    }
    try {
        co_await settle(work, failure.substr(0, error_length), permanent, at_least);
    } catch (const std::exception& e) {
        // The lease runs out and the row is done again under the same id.
        log::warning("job.not_settled", {{"job", work.what.id}, {"error", log::text(e.what())}});
    }
    under_way_.erase(work.what.id);
    changed_.set();
}

task<void> outbox_worker::settle(const running_job& work, std::string failure, bool permanent,
                                 std::chrono::milliseconds at_least) {
    const auto& [id, payload, attempt] = work.what;
    if (permanent || attempt >= how_.attempts) {
        if (co_await database_.execute(sql::bury_job, id, attempt, failure) > 0) bury(work, failure);
        co_return;
    }
    // The jitter comes on top: all were told the same moment.
    const auto wait = at_least + backoff_after(attempt, how_);
    ended(work.kind, "failed").add();
    log::warning("job.failed", {{"job", id},
                                {"kind", log::text(work.kind)},
                                {"attempt", attempt},
                                {"again_in_ms", wait.count()},
                                {"error", log::text(failure)}});
    co_await database_.execute(sql::postpone_job, id, attempt, std::int64_t{wait.count()}, failure);
}

void outbox_worker::bury(const running_job& work, const std::string& why) {
    ended(work.kind, "dead").add();
    log::error("job.dead", {{"job", work.what.id},
                            {"kind", log::text(work.kind)},
                            {"attempt", work.what.attempt},
                            {"error", log::text(why)}});
}

}  // namespace astrotalk::jobs
