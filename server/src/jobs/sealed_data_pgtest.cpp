#include <gtest/gtest.h>

#include "core/clock.hpp"
#include "jobs/jobs.hpp"
#include "jobs/sealed_data.hpp"
#include "pg/testing.hpp"

namespace astrotalk::jobs {
namespace {

using namespace std::chrono_literals;
using pg::testing::database;

constexpr pg::statement insert{"test.insert_sealed",
                               "insert into outbox (id, kind, payload) values ($1, 'test', $2)", 2};
constexpr pg::statement read_all{"test.read_sealed", "select id, payload from outbox order by id", 0};

struct stored {
    uuid id;
    bytes payload;
};
BOOST_DESCRIBE_STRUCT(stored, (), (id, payload))

task<void> put_rows(pg::client& c, const crypto::keyring& keys, int count) {
    for (int i = 0; i < count; ++i) {
        const auto id = uuid::v7();
        co_await c.execute(insert, id, seal_payload(keys, id, fmt::format("{{\"n\":{}}}", i)));
    }
}

task<void> expect_all_open(pg::client& c, const crypto::keyring& keys, std::size_t count) {
    const auto rows = co_await c.read<stored>(read_all);
    EXPECT_EQ(rows.size(), count);
    for (std::size_t i = 0; i < rows.size(); ++i)
        EXPECT_EQ(open_payload(keys, rows[i].id, rows[i].payload), fmt::format("{{\"n\":{}}}", i));
}

std::string by_current_key(const database& db, const crypto::keyring& keys) {
    return db.execute("select count(*) from outbox where substring(payload from 2 for 4) = '\\x" +
                      crypto::hex(keys.current_key()) + "'");
}

TEST(sealed_data, a_new_key_seals_on_every_node_once_it_is_active) {
    const database db;
    crypto::keyring one(bytes(32, 1)), two(bytes(32, 1));
    const bytes first = one.current_key();
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        co_await add_data_key(c, one, 5s);
        co_await tail_data_keys(c, one);
        co_await tail_data_keys(c, two);
        EXPECT_EQ(one.current_key(), first);
        const bytes early = one.seal("p", "x", "place");
        clock::advance(6s);
        co_await tail_data_keys(c, one);
        EXPECT_NE(one.current_key(), first);
        EXPECT_EQ(two.open("p", one.seal("p", "y", "place"), "place"), "y") << "known before it is used";
        EXPECT_EQ(one.open("p", early, "place"), "x");
        clock::advance(-6s);
    });
    EXPECT_EQ(db.execute("select count(*) from audit_pending where action = 'keys.rotate_data'"), "1");
}

TEST(sealed_data, another_master_key_is_refused) {
    const database db;
    crypto::keyring keys(bytes(32, 1)), other(bytes(32, 2));
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        co_await add_data_key(c, keys, 0s);
        bool refused = false;
        try {
            co_await tail_data_keys(c, other);
        } catch (const std::runtime_error&) {
            refused = true;
        }
        EXPECT_TRUE(refused);
    });
}

TEST(sealed_data, everything_is_sealed_anew_in_batches_and_a_second_time_nothing) {
    const database db;
    crypto::keyring keys(bytes(32, 1));
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        co_await put_rows(c, keys, 450);
        co_await add_data_key(c, keys, 0s);
        co_await tail_data_keys(c, keys);
        for (const std::int64_t expected : {450, 0}) {
            const auto done = co_await reseal(c, keys, sealed_columns()[0]);
            EXPECT_EQ(done.changed, expected);
            EXPECT_EQ(done.unreadable, 0);
        }
        co_await expect_all_open(c, keys, 450);
    });
    EXPECT_EQ(by_current_key(db, keys), "450");
}

TEST(sealed_data, an_interrupted_change_goes_on_and_what_was_tampered_with_is_counted) {
    const database db;
    crypto::keyring keys(bytes(32, 1));
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        co_await put_rows(c, keys, 10);
        co_await add_data_key(c, keys, 0s);
        co_await tail_data_keys(c, keys);
        co_await put_rows(c, keys, 5);  // as if sealed anew before the interruption
        db.execute(
            "update outbox set payload = payload || '\\x00'::bytea "
            "where id = (select id from outbox order by id limit 1)");
        const auto done = co_await reseal(c, keys, sealed_columns()[0]);
        EXPECT_EQ(done.changed, 9);
        EXPECT_EQ(done.unreadable, 1);
    });
    EXPECT_EQ(by_current_key(db, keys), "14");
}

}  // namespace
}  // namespace astrotalk::jobs
