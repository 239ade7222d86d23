#include "core/log.hpp"
#include "jobs/jobs.hpp"
#include "jobs/queries.hpp"
#include "telemetry/metrics.hpp"

namespace astrotalk::jobs {

using std::chrono::steady_clock;

lease::lease(pg::client& database, std::string name, std::chrono::milliseconds lasts)
    : database_(database), name_(std::move(name)), holder_(uuid::v7()), lasts_(lasts) {}

bool lease::held() const { return steady_clock::now() < until_; }

task<bool> lease::hold() {
    const auto now = steady_clock::now();
    if (asking_ || now - asked_ < lasts_ / 3) co_return held();
    asking_ = true;
    asked_ = now;
    const bool had = held();
    bool answered = true;
    try {
        const auto taken =
            co_await database_.write_one<bool>(sql::take_lease, name_, holder_, std::int64_t{lasts_.count()});
        until_ = taken ? now + lasts_ : steady_clock::time_point{};
    } catch (const std::exception&) {
        answered = false;  // held until its end, then lost
    }
    asking_ = false;
    if (held() != had)
        log::info(had ? "lease.lost" : "lease.taken", {{"lease", log::text(name_)}, {"answered", answered}});
    co_return held();
}

task<void> lease::release() {
    const bool had = held();
    until_ = {};
    try {
        if (had) co_await database_.execute(sql::give_lease_back, name_, holder_);
    } catch (const std::exception&) {
        // It runs out by itself.
    }
}

scheduler::scheduler(pg::client& database) : database_(database) {}

void scheduler::every(std::chrono::milliseconds period, std::string name, std::string duty,
                      std::function<task<void>()> what) {
    lease* held_by = nullptr;
    if (!duty.empty()) {
        auto& slot = duties_[duty];
        if (!slot) slot = std::make_unique<lease>(database_, duty);
        held_by = slot.get();
    }
    schedules_.push_back(
        std::make_unique<schedule>(schedule{period, std::move(name), held_by, std::move(what)}));
}

task<void> scheduler::run() {
    repeating_ = schedules_.size();
    for (const auto& each : schedules_) spawn(repeat(*each));
    while (repeating_ > 0) {
        co_await ended_.wait_for(std::chrono::hours(1));
        ended_.reset();
    }
    for (const auto& [name, duty] : duties_) co_await duty->release();
}

void scheduler::stop() { stopping_.set(); }

task<void> scheduler::repeat(const schedule& each) {
    while (!stopping_.is_set()) {
        if (!each.duty || co_await each.duty->hold()) co_await once(each);
        co_await stopping_.wait_for(each.period);
    }
    --repeating_;
    ended_.set();
}

task<void> scheduler::once(const schedule& each) {
    const auto begun = steady_clock::now();
    bool failed = false;
    try {
        co_await each.what();
    } catch (const pg::unavailable&) {
        failed = true;  // said once by who watches the database, not by every duty each time
    } catch (const std::exception& e) {
        failed = true;
        log::error("schedule.failed", {{"schedule", log::text(each.name)}, {"error", log::text(e.what())}});
    }
    telemetry::histogram_of("astrotalk_schedule_duration_seconds", "One run of a scheduled duty.",
                            {{"schedule", each.name}})
        .observe(steady_clock::now() - begun);
    if (failed)
        telemetry::counter_of("astrotalk_schedule_failures_total", "Runs of a scheduled duty that failed.",
                              {{"schedule", each.name}})
            .add();
}

}  // namespace astrotalk::jobs
