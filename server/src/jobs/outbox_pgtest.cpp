#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mutex>
#include <thread>

#include "core/clock.hpp"
#include "jobs/jobs.hpp"
#include "jobs/queries.hpp"
#include "pg/testing.hpp"

namespace astrotalk::jobs {
namespace {

using namespace std::chrono_literals;
using pg::testing::database;

constexpr pg::statement insert{"test.insert_job",
                               "insert into outbox (id, kind, payload) values ($1, $2, $3)", 3};

const crypto::keyring& keys() {
    static const crypto::keyring made(bytes(32, 7));
    return made;
}

worker_options quick() {
    worker_options how;
    how.poll = 10ms;
    how.lease = 600ms;
    how.attempts = 3;
    how.backoff_base = 1ms;
    how.backoff_cap = 5ms;
    return how;
}

uuid put(const database& db, const std::string& kind = "test.work", const std::string& json = "{}") {
    const auto id = uuid::v7();
    const bytes sealed = seal_payload(keys(), id, json);
    pg::testing::run(db, [&](pg::client& c) -> task<void> { co_await c.execute(insert, id, kind, sealed); });
    return id;
}

std::string rows_left(const database& db) { return db.execute("select count(*) from outbox"); }

// Runs one worker on this thread until `enough` says so, or for ten seconds.
void work(const database& db, handler with, std::function<bool()> enough, worker_options how = quick()) {
    pg::options connect;
    connect.url = db.url();
    loop on;
    pg::client client(on, connect);
    outbox_worker worker(on, client, keys(), how);
    worker.handle("test.work", std::move(with));
    auto watch = [](outbox_worker& w, std::function<bool()>& done) -> task<void> {
        const auto end = std::chrono::steady_clock::now() + 10s;
        while (!done() && std::chrono::steady_clock::now() < end) co_await sleep_for(5ms);
        w.stop();
    };
    auto all = [](outbox_worker& w, pg::client& c, task<void> watching) -> task<void> {
        spawn(std::move(watching));
        co_await w.run();
        co_await c.close();
    };
    on.run_until(all(worker, client, watch(worker, enough)));
}

// What handlers of several threads saw.
struct journal {
    std::mutex mutex;
    std::vector<job> seen;
    std::map<uuid, int> running;
    bool overlapped = false;

    void begin(const job& j) {
        std::lock_guard lock(mutex);
        seen.push_back(j);
        overlapped |= ++running[j.id] > 1;
    }
    void end(const job& j) {
        std::lock_guard lock(mutex);
        --running[j.id];
    }
    std::size_t count() {
        std::lock_guard lock(mutex);
        return seen.size();
    }
};

handler noting(journal& j, std::chrono::milliseconds takes = 0ms) {
    return [&j, takes](job what) -> task<void> {
        return [](journal& to, job given, std::chrono::milliseconds wait) -> task<void> {
            to.begin(given);
            if (wait > 0ms) co_await sleep_for(wait);
            to.end(given);
        }(j, std::move(what), takes);
    };
}

template <class Error>
handler throwing(journal& j, int times) {
    return [&j, times](job what) -> task<void> {
        return [](journal& to, job given, int fails) -> task<void> {
            to.begin(given);
            to.end(given);
            if (given.attempt <= fails) throw Error("the provider said no");
            co_return;
        }(j, std::move(what), times);
    };
}

TEST(outbox, statements_fit_the_schema) {
    const database db;
    for (const auto& fault : pg::testing::prepare_all(db, sql::all)) ADD_FAILURE() << fault;
}

TEST(outbox, an_effect_is_done_once_and_its_row_is_gone) {
    const database db;
    const auto id = put(db, "test.work", R"({"n":1})");
    journal j;
    work(db, noting(j), [&] { return j.count() > 0 && rows_left(db) == "0"; });
    ASSERT_EQ(j.seen.size(), 1u);
    EXPECT_EQ(j.seen[0].id, id);
    EXPECT_EQ(j.seen[0].payload, R"({"n":1})");
    EXPECT_EQ(j.seen[0].attempt, 1);
}

TEST(outbox, other_kinds_are_left_alone) {
    const database db;
    put(db, "test.unknown");
    put(db);
    journal j;
    work(db, noting(j), [&] { return rows_left(db) == "1"; });
    EXPECT_EQ(db.execute("select kind || attempts from outbox"), "test.unknown0");
}

TEST(outbox, what_is_urgent_does_not_wait_behind_a_backlog) {
    const database db;
    for (int i = 0; i < 3; ++i) put(db);
    const auto code = put(db);
    db.execute("update outbox set urgent = true where id = '" + code.to_string() + "'");
    journal j;
    auto how = quick();
    how.concurrency = 1;
    work(db, noting(j), [&] { return rows_left(db) == "0"; }, how);
    ASSERT_EQ(j.seen.size(), 4u);
    EXPECT_EQ(j.seen[0].id, code);
}

// When the plan of a row's statement was made while the outbox was empty, it must still be right when it is
// full. Connections of pg:: have enable_seqscan off.
TEST(outbox, a_row_is_found_by_its_key_however_many_are_due) {
    const database db;
    db.execute("analyze outbox");
    const std::pair<const pg::statement*, const char*> each[] = {
        {&sql::postpone_job, "('00000000-0000-7000-8000-000000000001', 1, 1, 'x')"},
        {&sql::bury_job, "('00000000-0000-7000-8000-000000000001', 1, 'x')"},
        {&sql::finish_jobs, "('{00000000-0000-7000-8000-000000000001}')"}};
    for (const auto& [statement, arguments] : each) {
        const auto plan =
            db.execute("set enable_seqscan = off; set plan_cache_mode = force_generic_plan; prepare p as " +
                       std::string(statement->sql) + "; explain (format json) execute p" + arguments);
        EXPECT_NE(plan.find("outbox_pkey"), std::string::npos) << statement->name << plan;
    }
}

TEST(outbox, a_stop_does_not_wait_for_a_database_that_takes_nothing) {
    const database db;
    const auto id = put(db);
    bool begun = false;
    auto last_work = [&](job) -> task<void> {
        db.execute("alter table outbox rename to away");
        begun = true;
        co_return;
    };
    work(db, last_work, [&] { return begun; });
    db.execute("alter table away rename to outbox");
    journal j;
    db.execute("update outbox set run_at = app_now()");
    work(db, noting(j), [&] { return rows_left(db) == "0"; });
    ASSERT_EQ(j.seen.size(), 1u);
    EXPECT_EQ(j.seen[0].id, id) << "done again under the same id";
    EXPECT_EQ(j.seen[0].attempt, 2);
}

TEST(outbox, a_failure_is_tried_again_under_the_same_id) {
    const database db;
    const auto id = put(db);
    journal j;
    work(db, throwing<std::runtime_error>(j, 2), [&] { return rows_left(db) == "0"; });
    ASSERT_EQ(j.seen.size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(j.seen[i].id, id);
        EXPECT_EQ(j.seen[i].attempt, static_cast<int>(i) + 1);
    }
}

TEST(outbox, who_says_when_to_come_again_is_not_bothered_before) {
    const database db;
    put(db);
    const auto told = [&](std::chrono::milliseconds wait, const char* why) {
        const auto busy = [wait, why](job) -> task<void> {
            throw retry_later(wait, why);
            co_return;
        };
        work(db, busy, [&] { return db.execute("select last_error from outbox") == why; });
        return db.execute("select round(extract(epoch from run_at - app_now()) / 60) from outbox");
    };
    EXPECT_EQ(told(120s, "busy"), "2");
    db.execute("update outbox set run_at = app_now()");
    EXPECT_EQ(told(24h, "closed"), "60") << "an hour at most";
}

TEST(outbox, what_fails_every_time_becomes_a_dead_letter_and_can_be_replayed) {
    const database db;
    put(db);
    journal j;
    const auto is_dead = [&] {
        return db.execute("select count(*) from outbox where dead_at is not null") == "1";
    };
    work(db, throwing<std::runtime_error>(j, 100), is_dead);
    EXPECT_EQ(j.seen.size(), 3u);
    EXPECT_EQ(db.execute("select last_error from outbox"), "the provider said no");
    work(db, noting(j), [n = 0]() mutable { return ++n > 20; });
    EXPECT_EQ(j.seen.size(), 3u) << "a dead letter is left alone";
    db.execute("update outbox set dead_at = null, attempts = 0, run_at = app_now()");
    work(db, noting(j), [&] { return rows_left(db) == "0"; });
    EXPECT_EQ(j.seen.size(), 4u);
}

TEST(outbox, a_permanent_failure_and_a_payload_that_does_not_open_die_at_once) {
    const database db;
    const auto refused = put(db), foreign = put(db);
    db.execute("update outbox set payload = payload || '\\x00'::bytea where id = '" + foreign.to_string() +
               "'");
    journal j;
    work(db, throwing<permanent_failure>(j, 100),
         [&] { return db.execute("select count(*) from outbox where dead_at is not null") == "2"; });
    ASSERT_EQ(j.seen.size(), 1u);
    EXPECT_EQ(j.seen[0].id, refused);
    EXPECT_EQ(db.execute("select sum(attempts) from outbox"), "2");
}

// A process that really dies in the middle of a job.
void die_in_a_job(const database& db, worker_options how = quick()) {
    const auto child = fork();
    if (child == 0) {
        work(db, [](job) -> task<void> { _exit(9); }, [] { return false; }, how);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 9) << status;
}

TEST(outbox, a_job_whose_process_died_is_repeated_when_its_lease_has_run_out) {
    const database db;
    const auto id = put(db);
    die_in_a_job(db);
    EXPECT_EQ(db.execute("select attempts || ' ' || (run_at > app_now()) from outbox"), "1 true");
    journal j;
    work(db, noting(j), [&] { return rows_left(db) == "0"; });
    ASSERT_EQ(j.seen.size(), 1u);
    EXPECT_EQ(j.seen[0].id, id);
    EXPECT_EQ(j.seen[0].attempt, 2);
}

TEST(outbox, a_job_that_kills_its_process_each_time_is_buried) {
    const database db;
    put(db);
    for (int i = 0; i < 3; ++i) {
        die_in_a_job(db);
        db.execute("update outbox set run_at = app_now()");
    }
    journal j;
    work(db, noting(j), [&] { return db.execute("select dead_at is not null from outbox") == "t"; });
    EXPECT_EQ(j.seen.size(), 0u);
    EXPECT_EQ(db.execute("select last_error from outbox"), "its last attempt did not end");
}

TEST(outbox, two_workers_never_have_one_row_at_once) {
    const database db;
    constexpr std::size_t rows = 300;
    pg::testing::run(db, [](pg::client& c) -> task<void> {
        for (std::size_t i = 0; i < rows; ++i) {
            const auto id = uuid::v7();
            const bytes sealed = seal_payload(keys(), id, "{}");
            co_await c.execute(insert, id, "test.work", sealed);
        }
    });
    journal j;
    std::vector<std::thread> workers;
    for (int i = 0; i < 2; ++i)
        workers.emplace_back([&] { work(db, noting(j, 3ms), [&] { return j.count() >= rows; }); });
    for (auto& each : workers) each.join();
    EXPECT_EQ(j.seen.size(), rows);
    EXPECT_FALSE(j.overlapped);
    EXPECT_EQ(rows_left(db), "0");
}

TEST(outbox, a_job_longer_than_its_lease_keeps_it) {
    const database db;
    put(db);
    journal j;
    auto how = quick();
    how.lease = 300ms;
    std::vector<std::thread> workers;
    for (int i = 0; i < 2; ++i)
        workers.emplace_back([&] { work(db, noting(j, 1200ms), [&] { return rows_left(db) == "0"; }, how); });
    for (auto& each : workers) each.join();
    EXPECT_EQ(j.seen.size(), 1u);
}

TEST(outbox, moving_the_test_clock_does_not_repeat_what_is_in_hand) {
    const database db;
    put(db);
    journal j;
    work(db, noting(j, 300ms), [&, moved = false]() mutable {
        if (j.count() == 1 && !std::exchange(moved, true)) clock::advance(1h);
        return rows_left(db) == "0";
    });
    clock::advance(-1h);
    EXPECT_EQ(j.seen.size(), 1u);
}

TEST(outbox, one_who_lost_the_lease_does_not_move_the_row_of_who_has_it) {
    const database db;
    const auto id = put(db);
    db.execute("update outbox set attempts = 2, run_at = app_now() + interval '1 minute'");
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        EXPECT_EQ(co_await c.execute(sql::postpone_job, id, 1, std::int64_t{0}, "late"), 0);
        EXPECT_EQ(co_await c.execute(sql::bury_job, id, 1, "late"), 0);
        EXPECT_EQ(co_await c.execute(sql::renew_jobs, std::vector<uuid>{id}, std::vector<std::int32_t>{1},
                                     std::int64_t{0}),
                  0);
        EXPECT_EQ(co_await c.execute(sql::postpone_job, id, 2, std::int64_t{0}, "mine"), 1);
    });
}

TEST(outbox, wake_from_another_thread_does_not_wait_for_the_poll) {
    const database db;
    auto how = quick();
    how.poll = 30s;
    pg::options connect;
    connect.url = db.url();
    loop on;
    pg::client client(on, connect);
    outbox_worker worker(on, client, keys(), how);
    journal j;
    worker.handle("test.work", noting(j));
    std::thread other([&] {
        std::this_thread::sleep_for(200ms);
        put(db);
        for (int i = 0; i < 1000; ++i) worker.wake();
        const auto end = std::chrono::steady_clock::now() + 5s;
        while (j.count() == 0 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(5ms);
        worker.stop();
    });
    auto all = [](outbox_worker& w, pg::client& c) -> task<void> {
        co_await w.run();
        co_await c.close();
    };
    on.run_until(all(worker, client));
    other.join();
    EXPECT_EQ(j.count(), 1u);
    EXPECT_EQ(rows_left(db), "0") << "stop lets the jobs under way end";
}

TEST(outbox, old_rows_are_pruned_and_the_outbox_is_measured) {
    const database db;
    db.execute(R"(
        insert into idempotency
        select gen_random_uuid(), 'k', '', 200, '{}', app_now() - (n - 0.5) * interval '1 hour'
        from generate_series(1, 2500) n;
        insert into outbox (id, kind, payload, dead_at)
        select gen_random_uuid(), 'k', '', app_now() - (n - 0.5) * interval '1 day'
        from generate_series(1, 100) n)");
    pg::testing::run(db, [](pg::client& c) -> task<void> {
        co_await prune_idempotency(c);
        co_await prune_challenges(c);
        co_await prune_dead_letters(c);
        co_await measure_outbox(c);
    });
    EXPECT_EQ(db.execute("select count(*) from idempotency"), "24");
    EXPECT_EQ(rows_left(db), "90");
}

}  // namespace
}  // namespace astrotalk::jobs
