#include <gtest/gtest.h>

#include "pg/testing.hpp"

namespace astrotalk::pg {
namespace {

using namespace std::chrono_literals;

constexpr statement serializable{"test.serializable", "set transaction isolation level serializable", 0};
constexpr statement take{"test.take", "update account set balance = balance - $2 where id = $1", 2};
constexpr statement total{"test.total", "select sum(balance)::int8 from account", 0};
constexpr statement balance_of{"test.balance_of", "select balance from account where id = $1", 1};
constexpr statement lock_both{
    "test.lock_both",
    "with first as (update account set balance = balance where id = $1 returning pg_sleep(0.05)) "
    "update account set balance = balance where id = $2 and (select count(*) from first) = 1",
    2};
constexpr statement inverse_of{"test.inverse_of", "select 1 / $1::int4", 1};
constexpr statement kill_self{"test.kill_self", "select pg_terminate_backend(pg_backend_pid())", 0};

const char* const accounts =
    "create table account (id int primary key, balance int8 not null constraint account_not_negative check "
    "(balance >= 0));"
    "insert into account values (1, 100), (2, 100)";

struct progress {
    int finished = 0, attempts = 0, failed = 0, arrived = 0;
};

task<void> finished(progress& p, int n) {
    while (p.finished + p.failed < n) co_await sleep_for(1ms);
}

// Waits until both are here, so that what follows really happens at once.
task<void> meet(progress& p) {
    ++p.arrived;
    for (int i = 0; i < 5000 && p.arrived < 2; ++i) co_await sleep_for(1ms);
}

// Opens two connections, which are then there when a test needs them at once.
task<void> open_two(client& c) {
    progress p;
    const auto hold = [](client& on, progress& shared) -> task<void> {
        co_await on.transact([&shared](transaction& t) -> task<void> {
            co_await t.query_one<std::int64_t>(total);
            co_await meet(shared);
        });
        ++shared.finished;
    };
    spawn(hold(c, p));
    spawn(hold(c, p));
    co_await finished(p, 2);
}

TEST(Transact, CommitsWhatItsBodyDid) {
    testing::database db;
    db.execute(accounts);
    testing::run(db, [](client& c) -> task<void> {
        co_await c.transact([](transaction& t) -> task<void> {
            EXPECT_EQ(co_await t.execute(take, 1, 30), 1);
            EXPECT_EQ(co_await t.execute(take, 2, -30), 1);
            EXPECT_EQ(co_await t.query_one<std::int64_t>(balance_of, 1), 70);
        });
        EXPECT_EQ(co_await c.read_one<std::int64_t>(balance_of, 2), 130);
        co_await c.transact([](transaction&) -> task<void> { co_return; });  // nothing to commit
    });
}

TEST(Transact, TakesEverythingBackWhenItsBodyThrows) {
    testing::database db;
    db.execute(accounts);
    testing::run(db,
                 [](client& c) -> task<void> {
                     std::string broken;
                     try {
                         co_await c.transact([](transaction& t) -> task<void> {
                             co_await t.execute(take, 2, -500);
                             co_await t.execute(take, 1, 500);
                         });
                     } catch (const error& e) {
                         broken = e.constraint();
                     }
                     EXPECT_EQ(broken, "account_not_negative");
                     EXPECT_EQ(co_await c.read_one<std::int64_t>(total), 200);
                     // The connection is whole again.
                     EXPECT_EQ(co_await c.execute(take, 1, 1), 1);
                 },
                 {.write_connections = 1});
}

TEST(Transact, ABodyThatHidesAFailureDoesNotSeemToHaveCommitted) {
    testing::database db;
    db.execute(accounts);
    testing::run(db, [](client& c) -> task<void> {
        std::string state;
        try {
            co_await c.transact([](transaction& t) -> task<void> {
                co_await t.execute(take, 1, 5);
                try {
                    co_await t.query<std::int32_t>(inverse_of, 0);
                } catch (const error&) {
                }
            });
        } catch (const error& e) {
            state = e.sqlstate();
        }
        EXPECT_EQ(state, "25P02");
        EXPECT_EQ(co_await c.read_one<std::int64_t>(total), 200);
    });
}

task<void> take_seriously(client& c, progress& p) {
    try {
        co_await c.transact([&p](transaction& t) -> task<void> {
            ++p.attempts;
            co_await t.execute(serializable);
            const auto balance = co_await t.query_one<std::int64_t>(balance_of, 1);
            co_await meet(p);
            EXPECT_EQ(co_await t.execute(take, 1, balance > 0 ? 1 : 0), 1);
        });
        ++p.finished;
    } catch (const error& e) {
        EXPECT_EQ(e.sqlstate(), "40001");  // five attempts were not enough
        ++p.failed;
    }
}

TEST(Transact, RunsAgainAfterASerializationFailure) {
    testing::database db;
    db.execute(accounts);
    testing::run(db, [](client& c) -> task<void> {
        progress p;
        for (int i = 0; i < 2; ++i) spawn(take_seriously(c, p));
        co_await finished(p, 2);
        EXPECT_GT(p.attempts, 2);
        EXPECT_EQ(co_await c.read_one<std::int64_t>(total), 200 - p.finished);
    });
}

task<void> lock_in_turn(client& c, std::int32_t first, std::int32_t second, progress& p) {
    co_await c.transact([&p, first, second](transaction& t) -> task<void> {
        ++p.attempts;
        co_await t.execute(take, first, 1);
        co_await meet(p);
        co_await t.execute(take, second, 1);
    });
    ++p.finished;
}

TEST(Transact, RunsAgainAfterADeadlock) {
    testing::database db;
    db.execute(accounts);
    testing::run(db, [](client& c) -> task<void> {
        progress p;
        spawn(lock_in_turn(c, 1, 2, p));
        spawn(lock_in_turn(c, 2, 1, p));
        co_await finished(p, 2);
        EXPECT_EQ(p.finished, 2);
        EXPECT_GE(p.attempts, 3);
        EXPECT_EQ(co_await c.read_one<std::int64_t>(total), 196);
    });
}

task<void> write_both(client& c, std::int32_t first, std::int32_t second, progress& p) {
    co_await c.execute(lock_both, first, second);
    ++p.finished;
}

TEST(Transact, ASingleStatementAlsoRunsAgainAfterADeadlock) {
    testing::database db;
    db.execute(accounts);
    testing::run(db, [&](client& c) -> task<void> {
        co_await open_two(c);
        progress p;
        spawn(write_both(c, 1, 2, p));
        spawn(write_both(c, 2, 1, p));
        co_await finished(p, 2);
        EXPECT_EQ(p.finished, 2);
    });
    testing::run(db, [&](client&) -> task<void> { co_await sleep_for(1s); });  // statistics arrive late
    EXPECT_NE(db.execute("select deadlocks from pg_stat_database where datname = current_database()"), "0");
}

TEST(Transact, ALostConnectionIsUnavailableAndNeverTakenForAnother) {
    testing::database db;
    db.execute(accounts);
    testing::run(db,
                 [](client& c) -> task<void> {
                     int attempts = 0, lost = 0;
                     try {
                         co_await c.transact([&](transaction& t) -> task<void> {
                             ++attempts;
                             co_await t.execute(take, 1, 50);
                             try {
                                 co_await t.query<bool>(kill_self);
                             } catch (const unavailable&) {
                                 ++lost;
                             }
                             for (int i = 0; i < 200 && !co_await c.ready(); ++i) co_await sleep_for(5ms);
                             co_await sleep_for(100ms);
                             // A new connection is up; this statement is not for it.
                             co_await t.execute(take, 2, 50);
                         });
                     } catch (const unavailable&) {
                         ++lost;
                     }
                     EXPECT_EQ(attempts, 1);
                     EXPECT_EQ(lost, 2);
                     EXPECT_EQ(co_await c.write_one<std::int64_t>(total), 200);
                 },
                 {.write_connections = 1});
}

// PostgreSQL has handed out the rows by then, and only the commit fails.
TEST(Write, OneWhoseCommitFailsIsNotDone) {
    testing::database db;
    db.execute("create table seat (id int primary key, place int unique deferrable initially deferred)");
    testing::run(db, [](client& c) -> task<void> {
        constexpr statement take{"test.take_seat", "insert into seat values ($1, 1) returning id", 1};
        EXPECT_TRUE((co_await c.write_one<std::int32_t>(take, 1)).has_value());
        std::string state;
        try {
            co_await c.write_one<std::int32_t>(take, 2);
        } catch (const error& failed) {
            state = failed.sqlstate();
        }
        EXPECT_EQ(state, "23505");
        const auto again = co_await c.try_write<std::int32_t>(take, 3);
        EXPECT_TRUE(again.has_error());
    });
    EXPECT_EQ(db.execute("select count(*) from seat"), "1");
}

TEST(Write, OneWhoseSessionEndsBeforeItsCommitIsNotDone) {
    testing::database db;
    db.execute(R"(
        create table seat (id int primary key);
        create function leave() returns trigger language plpgsql as
        $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
        create constraint trigger leave after insert on seat deferrable initially deferred
        for each row when (new.id = 2) execute function leave())");
    testing::run(db, [](client& c) -> task<void> {
        constexpr statement take{"test.take_seat", "insert into seat values ($1) returning id", 1};
        bool away = false;
        try {
            co_await c.write_one<std::int32_t>(take, 2);
        } catch (const unavailable&) {
            away = true;
        }
        EXPECT_TRUE(away);
        EXPECT_TRUE((co_await c.write_one<std::int32_t>(take, 1)).has_value());
    });
    EXPECT_EQ(db.execute("select string_agg(id::text, ',') from seat"), "1");
}

}  // namespace
}  // namespace astrotalk::pg
