#include <gtest/gtest.h>

#include "core/clock.hpp"
#include "pg/testing.hpp"

namespace astrotalk::pg {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr statement double_of{"test.double_of", "select $1::int8 * 2", 1};
constexpr statement inverse_of{"test.inverse_of", "select 1 / $1::int4", 1};
constexpr statement missing_table{"test.missing_table", "select n from no_such_table", 0};
constexpr statement sleep_a_while{"test.sleep_a_while", "select pg_sleep($1::int4 / 1000.0)::text", 1};
constexpr statement add_thing{"test.add_thing", "insert into thing (n) values ($1) returning n", 1};
constexpr statement count_things{"test.count_things", "select count(*) from thing", 0};
constexpr statement own_process{"test.own_process", "select pg_backend_pid()", 0};
constexpr statement sql_clock{"test.sql_clock", "select app_now()", 0};

const char* const kill_all =
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'astrotalk' "
    "and datname = current_database()";

struct counter {
    int done = 0, lost = 0, refused = 0;
};

// Waits for `n` spawned pieces of work.
task<void> all_of(counter& c, int n) {
    while (c.done + c.lost + c.refused < n) co_await sleep_for(1ms);
}

task<void> expect_double(client& c, std::int64_t n, counter& to) {
    EXPECT_EQ(co_await c.read_one<std::int64_t>(double_of, n), 2 * n);
    ++to.done;
}

TEST(Pool, ManyReadsAreAnsweredEachWithItsOwn) {
    testing::database db;
    testing::run(db, [](client& c) -> task<void> {
        counter to;
        for (int i = 0; i < 2000; ++i) spawn(expect_double(c, i, to));
        co_await all_of(to, 2000);
        EXPECT_EQ(to.done, 2000);
    });
}

task<void> expect_inverse(client& c, std::int32_t n, counter& to) {
    try {
        EXPECT_EQ(co_await c.read_one<std::int32_t>(inverse_of, n), n == 1 ? 1 : 0);
        ++to.done;
    } catch (const error& e) {
        EXPECT_EQ(e.sqlstate(), "22012");
        EXPECT_EQ(n, 0);
        ++to.refused;
    }
}

task<void> expect_missing(client& c, counter& to) {
    try {
        co_await c.read<std::int32_t>(missing_table);
    } catch (const error& e) {
        EXPECT_EQ(e.sqlstate(), "42P01");
        ++to.refused;
    }
}

// The rest of a batch is skipped by PostgreSQL and sent again.
TEST(Pool, AFailingReadDoesNotFailItsNeighbours) {
    testing::database db;
    testing::run(db, [](client& c) -> task<void> {
        counter to;
        for (int i = 0; i < 300; ++i) {
            spawn(expect_inverse(c, i % 3, to));
            if (i % 10 == 0) spawn(expect_missing(c, to));
        }
        co_await all_of(to, 330);
        EXPECT_EQ(to.done, 200);
        EXPECT_EQ(to.refused, 130);
    });
}

TEST(Pool, ABrokenConstraintIsAValueWhereItIsAskedFor) {
    testing::database db;
    db.execute(
        "create table thing (n int constraint thing_small check (n < 10) constraint thing_once unique)");
    testing::run(db, [](client& c) -> task<void> {
        const auto added = co_await c.try_write<std::int32_t>(add_thing, 1);
        EXPECT_TRUE(added.has_value());
        const auto large = co_await c.try_write<std::int32_t>(add_thing, 11);
        EXPECT_TRUE(large.has_error());
        EXPECT_EQ(large.error().constraint, "thing_small");
        const auto again = co_await c.try_write<std::int32_t>(add_thing, 1);
        EXPECT_EQ(again.error().constraint, "thing_once");
        std::string constraint;
        try {
            co_await c.execute(add_thing, 11);
        } catch (const error& e) {
            constraint = e.constraint();
        }
        EXPECT_EQ(constraint, "thing_small");
        EXPECT_EQ(co_await c.execute(add_thing, 2), 1);
    });
}

task<void> add(client& c, std::int32_t n, counter& to) {
    try {
        co_await c.execute(add_thing, n);
        ++to.done;
    } catch (const unavailable&) {
        ++to.lost;
    }
}

TEST(Pool, WritesShareABoundedNumberOfConnections) {
    testing::database db;
    db.execute("create table thing (n int)");
    const auto most = [](client& c) -> task<void> {
        counter to;
        for (int i = 0; i < 500; ++i) spawn(add(c, i, to));
        co_await all_of(to, 500);
        EXPECT_EQ(to.done, 500);
        EXPECT_EQ(co_await c.read_one<std::int64_t>(count_things), 500);
    };
    testing::run(db,
                 [&](client& c) -> task<void> {
                     co_await most(c);
                     const auto open = db.execute(
                         "select count(*) from pg_stat_activity where application_name = 'astrotalk' "
                         "and datname = current_database()");
                     EXPECT_EQ(open, "6");
                 },
                 {.read_connections = 2, .write_connections = 4});
}

TEST(Pool, WhatDoesNotFitTheQueueIsRefusedAtOnce) {
    testing::database db;
    db.execute("create table thing (n int)");
    testing::run(db,
                 [](client& c) -> task<void> {
                     co_await c.execute(add_thing, 0);  // the connection is up
                     counter to;
                     for (int i = 0; i < 20; ++i) spawn(add(c, i, to));
                     EXPECT_EQ(to.lost, 9);  // one is under way, ten wait
                     co_await all_of(to, 20);
                     EXPECT_EQ(to.done, 11);
                 },
                 {.write_connections = 1, .queue_limit = 10});
}

task<void> lose_sleep(client& c, counter& to) {
    try {
        co_await c.write<std::string>(sleep_a_while, 5000);
        ++to.done;
    } catch (const unavailable&) {
        ++to.lost;
    }
}

TEST(Pool, AStatementLostInFlightIsUnavailableAndConnectionsComeBack) {
    testing::database db;
    testing::run(db, [&](client& c) -> task<void> {
        const auto before = co_await c.read_one<std::int32_t>(own_process);
        counter to;
        spawn(lose_sleep(c, to));
        co_await sleep_for(100ms);
        const auto began = steady::now();
        db.execute(kill_all);
        co_await all_of(to, 1);
        EXPECT_EQ(to.lost, 1);
        EXPECT_LT(steady::now() - began, 1s);
        // Until the last of the old ones has died, which takes a while on a busy machine.
        auto now = before;
        for (int i = 0; i < 200 && now == before; ++i) {
            co_await sleep_for(10ms);
            try {
                now = co_await c.read_one<std::int32_t>(own_process);
            } catch (const unavailable&) {
            }
        }
        EXPECT_NE(now, before);
        co_await c.write_one<std::int32_t>(own_process);
    });
}

TEST(Pool, ReadsGoOnWhileConnectionsAreTerminatedAgainAndAgain) {
    testing::database db;
    testing::run(db, [&](client& c) -> task<void> {
        int answered = 0;
        for (int round = 0; round < 10; ++round) {
            db.execute(kill_all);
            for (int i = 0; i < 20; ++i) {
                try {
                    EXPECT_EQ(co_await c.read_one<std::int64_t>(double_of, std::int64_t{i}), 2 * i);
                    ++answered;
                } catch (const unavailable&) {
                }
                co_await sleep_for(1ms);
            }
        }
        EXPECT_GT(answered, 100);
    });
}

TEST(Pool, WhileTheDatabaseIsAwayItFailsFastAndThenRecovers) {
    testing::database db;
    testing::run(db, [&](client& c) -> task<void> {
        EXPECT_EQ(co_await c.read_one<std::int64_t>(double_of, std::int64_t{1}), 2);
        const auto name = db.execute("select current_database()");
        const testing::database elsewhere;
        // Nobody new gets in, and who is in goes: as good as away.
        elsewhere.execute("alter database " + name + " with allow_connections false");
        elsewhere.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + name +
                          "'");
        for (int i = 0; i < 300 && co_await c.ready(); ++i) co_await sleep_for(10ms);
        co_await sleep_for(200ms);
        EXPECT_FALSE(co_await c.ready());
        int fast = 0;
        const auto began = steady::now();
        for (int i = 0; i < 100; ++i) {
            try {
                co_await c.read_one<std::int64_t>(double_of, std::int64_t{1});
            } catch (const unavailable&) {
                ++fast;
            }
        }
        EXPECT_EQ(fast, 100);
        EXPECT_LT(steady::now() - began, options().connect_timeout) << "none of all waited for a connection";
        elsewhere.execute("alter database " + name + " with allow_connections true");
        for (int i = 0; i < 500 && !co_await c.ready(); ++i) co_await sleep_for(10ms);
        EXPECT_EQ(co_await c.read_one<std::int64_t>(double_of, std::int64_t{1}), 2);
    });
}

TEST(Pool, AnAddressWhereNobodyListensIsUnavailable) {
    for (const char* url :
         {"host=127.0.0.1 port=1 dbname=x", "postgresql://localhost:1/x", "host=/nowhere dbname=x"}) {
        testing::run(url, [](client& c) -> task<void> {
            bool refused = false;
            try {
                co_await c.read_one<std::int64_t>(double_of, std::int64_t{1});
            } catch (const unavailable&) {
                refused = true;
            }
            EXPECT_TRUE(refused);
            EXPECT_FALSE(co_await c.ready());
        });
    }
}

TEST(Pool, AStatementThatTakesTooLongIsUnavailable) {
    testing::database db;
    testing::run(db,
                 [](client& c) -> task<void> {
                     counter to;
                     const auto began = steady::now();
                     co_await lose_sleep(c, to);
                     EXPECT_EQ(to.lost, 1);
                     EXPECT_LT(steady::now() - began, 2s);
                     EXPECT_TRUE((co_await c.write_one<std::int32_t>(own_process)).has_value());
                 },
                 {.statement_timeout = 100ms});
}

TEST(Pool, AfterCloseEverythingIsRefused) {
    testing::database db;
    testing::run(db, [](client& c) -> task<void> {
        counter to;
        for (int i = 0; i < 50; ++i) spawn(expect_double(c, i, to));
        co_await c.close();
        EXPECT_EQ(to.done, 50);
        bool refused = false;
        try {
            co_await c.read_one<std::int64_t>(double_of, std::int64_t{1});
        } catch (const unavailable&) {
            refused = true;
        }
        EXPECT_TRUE(refused);
    });
}

TEST(Pool, SessionsFollowTheClockOfTheProcess) {
    testing::database db;
    testing::run(db, [](client& c) -> task<void> {
        const auto apart = [](std::optional<instant> sql) { return *sql - clock::now(); };
        EXPECT_LT(std::chrono::abs(apart(co_await c.read_one<instant>(sql_clock))), 5s);
        clock::advance(3h);
        EXPECT_LT(std::chrono::abs(apart(co_await c.read_one<instant>(sql_clock))), 5s);
        EXPECT_LT(std::chrono::abs(apart(co_await c.write_one<instant>(sql_clock))), 5s);
        clock::advance(-3h);
        EXPECT_LT(std::chrono::abs(apart(co_await c.write_one<instant>(sql_clock))), 5s);
    });
}

int observed_ok = 0, observed_failed = 0;

TEST(Pool, StatementsAreObserved) {
    testing::database db;
    observed_ok = observed_failed = 0;
    on_statement([](std::string_view name, std::chrono::nanoseconds took, bool ok) {
        EXPECT_EQ(name, "test.inverse_of");
        EXPECT_GT(took.count(), 0);
        ++(ok ? observed_ok : observed_failed);
    });
    testing::run(db, [](client& c) -> task<void> {
        counter to;
        co_await expect_inverse(c, 1, to);
        co_await expect_inverse(c, 0, to);
    });
    on_statement(nullptr);
    EXPECT_EQ(observed_ok, 1);
    EXPECT_EQ(observed_failed, 1);
}

TEST(Pool, AUrlThatIsNoneIsRefusedWhenTheClientIsMade) {
    loop on;
    EXPECT_THROW(client(on, {.url = "nonsense"}), std::invalid_argument);
}

}  // namespace
}  // namespace astrotalk::pg
