#include <gtest/gtest.h>

#include <thread>

#include "core/loop.hpp"
#include "crypto/crypto.hpp"
#include "pg/testing.hpp"
#include "privacy/audit.hpp"
#include "privacy/audit_rows.hpp"
#include "privacy/queries.hpp"

namespace astrotalk::privacy {
namespace {

using namespace std::chrono_literals;
using pg::testing::database;

constexpr pg::statement insert{
    "test.insert_audit",
    "insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, reason, detail) "
    "values ($1, $2, 'user', 'booking.create', 'booking', $3, $4, '{\"n\":1}')",
    4};

task<void> put(pg::client& c, int rows) {
    for (int i = 0; i < rows; ++i) {
        std::optional<std::string> reason;
        if (i % 2) reason = "क्योंकि";
        co_await c.execute(insert, uuid::v7(), uuid::v7(), uuid::v7(), reason);
    }
}

// Past the trigger, as one with the database's own rights would.
void tamper(const database& db, const std::string& sql) {
    db.execute("alter table audit_log disable trigger audit_log_append_only; " + sql +
               "; alter table audit_log enable trigger audit_log_append_only");
}

audit_report verify(const database& db, std::optional<audit_head> known = {}) {
    return pg::testing::run(db, [&](pg::client& c) { return verify_audit(c, known); });
}

// A log of `rows` sealed rows.
struct sealed_log : database {
    explicit sealed_log(int rows) {
        pg::testing::run(*this, [&](pg::client& c) -> task<void> {
            co_await put(c, rows);
            EXPECT_EQ(co_await seal_audit(c), rows);
        });
    }
};

TEST(audit, statements_fit_the_schema) {
    const database db;
    for (const auto& fault : pg::testing::prepare_all(db, sql::all)) ADD_FAILURE() << fault;
}

TEST(audit, an_empty_log_is_sound) {
    const database db;
    const auto report = verify(db);
    EXPECT_TRUE(report.sound());
    EXPECT_EQ(report.sealed + report.unsealed + report.head.seq, 0);
}

TEST(audit, rows_are_sealed_in_order_and_the_tail_is_told) {
    const sealed_log db(1203);
    pg::testing::run(db, [](pg::client& c) { return put(c, 7); });
    const auto report = verify(db);
    EXPECT_TRUE(report.sound()) << report.fault;
    EXPECT_EQ(report.sealed, 1203);
    EXPECT_EQ(report.head.seq, 1203);
    EXPECT_EQ(report.unsealed, 7);
    EXPECT_TRUE(report.oldest_unsealed.has_value());
    EXPECT_EQ(
        db.execute("select count(*) from (select id < lag(id) over (order by seq) as back from audit_log) x "
                   "where back"),
        "0");
}

TEST(audit, the_trigger_refuses_every_change) {
    const sealed_log db(3);
    for (const auto* sql :
         {"update audit_log set reason = 'x' where seq = 2", "delete from audit_log where seq = 3",
          "truncate audit_log", "update audit_log set reason = 'x' where false"})
        EXPECT_THROW(db.execute(sql), std::runtime_error) << sql;
    EXPECT_TRUE(verify(db).sound());
}

TEST(audit, every_kind_of_tampering_is_found_at_its_row) {
    struct {
        const char* how;
        std::int64_t broken;
    } const cases[] = {
        {"update audit_log set reason = 'other' where seq = 5", 5},
        {"update audit_log set reason = null where seq = 6", 6},
        {"update audit_log set at = at + interval '1 microsecond' where seq = 5", 5},
        {"update audit_log set actor_id = gen_random_uuid() where seq = 1", 1},
        {"update audit_log set hash = sha256(hash) where seq = 5", 5},
        {"delete from audit_log where seq = 5", 5},
        {"delete from audit_log where seq = 1", 1},
        {"delete from audit_log where seq = 5; update audit_log set seq = seq - 1 where seq > 5", 5},
        {"update audit_log set seq = seq + 100 where seq >= 5; update audit_log set seq = seq - 99 where seq "
         "> 100;"
         "insert into audit_log select 5, gen_random_uuid(), at, actor_id, actor_role, action, subject_kind, "
         "subject_id, reason, detail, request_id, hash from audit_log where seq = 4",
         5},
        {"update audit_log set seq = case seq when 4 then 1005 when 5 then 1004 end where seq in (4, 5);"
         "update audit_log set seq = seq - 1000 where seq > 1000",
         4},
        {"insert into audit_log select 0, gen_random_uuid(), at, actor_id, actor_role, action, subject_kind, "
         "subject_id, reason, detail, request_id, hash from audit_log where seq = 1",
         0},
    };
    for (const auto& each : cases) {
        const sealed_log db(9);
        tamper(db, each.how);
        const auto report = verify(db);
        EXPECT_FALSE(report.sound()) << each.how;
        EXPECT_EQ(report.first_broken, each.broken) << each.how << ": " << report.fault;
    }
}

// A forger who knows the encoding: row 5 gets another reason and a hash that fits it, and so do the rows
// after it up to `last`.
void forge(const database& db, std::int64_t last) {
    auto rows = pg::testing::run(
        db, [](pg::client& c) { return c.read<sealed_row>(sql::read_sealed, std::int64_t{0}, 100); });
    std::string changes = "update audit_log set reason = 'forged' where seq = 5";
    rows.at(4).reason = "forged";
    for (std::int64_t seq = 5; seq <= last; ++seq) {
        auto& row = rows.at(static_cast<std::size_t>(seq - 1));
        row.hash = chain_hash(rows.at(static_cast<std::size_t>(seq - 2)).hash, row);
        changes +=
            fmt::format("; update audit_log set hash = '\\x{}' where seq = {}", crypto::hex(row.hash), seq);
    }
    tamper(db, changes);
}

TEST(audit, a_changed_row_with_a_hash_that_fits_is_found_at_the_next) {
    const sealed_log db(9);
    forge(db, 5);
    EXPECT_EQ(verify(db).first_broken, 6) << verify(db).fault;
}

TEST(audit, a_chain_forged_to_its_end_is_found_with_a_head_noted_earlier) {
    const sealed_log db(9);
    const auto noted = verify(db).head;
    forge(db, 9);
    EXPECT_TRUE(verify(db).sound()) << "nothing inside the log can tell";
    EXPECT_EQ(verify(db, noted).first_broken, 9);
}

TEST(audit, a_log_cut_short_or_sealed_anew_is_found_with_a_head_noted_earlier) {
    const sealed_log db(9);
    const auto noted = verify(db).head;
    pg::testing::run(db, [](pg::client& c) -> task<void> {
        co_await put(c, 3);
        co_await seal_audit(c);
    });
    EXPECT_TRUE(verify(db, noted).sound()) << "a log that grew is sound";
    tamper(db, "delete from audit_log where seq > 7");
    EXPECT_TRUE(verify(db).sound()) << "nothing inside the log can tell";
    auto report = verify(db, noted);
    EXPECT_EQ(report.first_broken, 8) << report.fault;

    tamper(db, "truncate audit_log");
    pg::testing::run(db, [](pg::client& c) -> task<void> {
        co_await put(c, 20);
        co_await seal_audit(c);
    });
    EXPECT_TRUE(verify(db).sound());
    report = verify(db, noted);
    EXPECT_EQ(report.first_broken, 9) << report.fault;
}

TEST(audit, a_sealer_goes_on_after_a_crash_without_a_gap_or_a_double) {
    const sealed_log db(5);
    pg::testing::run(db, [](pg::client& c) -> task<void> {
        co_await put(c, 5);
        bool thrown = false;
        try {
            co_await c.transact([](pg::transaction& t) -> task<void> {
                return [](pg::transaction& within) -> task<void> {
                    co_await within.query<bool>(sql::try_sealing);
                    co_await within.execute(pg::statement{"test.lose", "delete from audit_pending", 0});
                    throw std::runtime_error("power cut");
                }(t);
            });
        } catch (const std::runtime_error&) {
            thrown = true;
        }
        EXPECT_TRUE(thrown);
        EXPECT_EQ(co_await seal_audit(c), 5);
    });
    const auto report = verify(db);
    EXPECT_TRUE(report.sound()) << report.fault;
    EXPECT_EQ(report.sealed, 10);
}

TEST(audit, two_sealers_under_load_make_one_chain_of_every_row) {
    const database db;
    constexpr int writers = 3, rows = 400;
    std::atomic<int> writing{writers};
    std::atomic<std::int64_t> sealed{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < writers; ++i)
        threads.emplace_back([&] {
            pg::testing::run(db, [](pg::client& c) { return put(c, rows); });
            --writing;
        });
    auto seal_on = [](pg::client& c, std::atomic<int>& still,
                      std::atomic<std::int64_t>& total) -> task<void> {
        for (bool last = false; !last;) {
            last = still == 0;
            total += co_await seal_audit(c);
            co_await sleep_for(2ms);
        }
    };
    for (int i = 0; i < 2; ++i)
        threads.emplace_back(
            [&] { pg::testing::run(db, [&](pg::client& c) { return seal_on(c, writing, sealed); }); });
    for (auto& each : threads) each.join();
    pg::testing::run(db, [&](pg::client& c) -> task<void> { sealed += co_await seal_audit(c); });
    const auto report = verify(db);
    EXPECT_TRUE(report.sound()) << report.fault;
    EXPECT_EQ(report.sealed, writers * rows);
    EXPECT_EQ(sealed, writers * rows);
    EXPECT_EQ(report.unsealed, 0);
}

TEST(audit, only_one_sealer_works_at_a_time) {
    const database db;
    pg::testing::run(db, [](pg::client& c) -> task<void> {
        co_await put(c, 5);
        co_await c.transact([&c](pg::transaction& t) -> task<void> {
            return [](pg::client& other, pg::transaction& within) -> task<void> {
                const auto taken = co_await within.query_one<bool>(sql::try_sealing);
                EXPECT_EQ(taken, true);
                EXPECT_EQ(co_await seal_audit(other), 0);
            }(c, t);
        });
        EXPECT_EQ(co_await seal_audit(c), 5);
    });
}

}  // namespace
}  // namespace astrotalk::privacy
