#include <gtest/gtest.h>

#include "pg/testing.hpp"
#include "wallet/queries.hpp"
#include "wallet/wallet.hpp"

namespace astrotalk::wallet {
namespace {

struct ledger_test : ::testing::Test {
    pg::testing::database db;

    user_id add_wallet() {
        const user_id id = user_id::make();
        const auto text = id.to_string();
        db.execute("insert into pool_user (id, phone_hash, phone_sealed, user_type) values ('" + text +
                   "', '\\x" + text.substr(24) + "', '', 'user'); insert into wallet (owner_id) values ('" +
                   text + "')");
        return id;
    }
    void post(user_id to, const std::string& account, std::int64_t paise, bool to_wallet = true) {
        const auto owner = to.to_string(), journal = journal_id::make().to_string(),
                   amount = std::to_string(paise);
        db.execute("insert into journal (id, kind, reference_id) values ('" + journal + "', 'test." +
                   journal + "', '" + owner + "'); insert into posting values ('" + journal +
                   "', 1, '00000000-0000-0000-0000-000000000000', 'promotions', '" + owner + "', '" +
                   account + "', " + amount + ")");
        if (to_wallet)
            db.execute("update wallet set " + account + " = " + account + " + " + amount +
                       " where owner_id = '" + owner + "'");
    }
    ledger_report verify() {
        return pg::testing::run(db, [](pg::client& pg) -> task<ledger_report> { return verify_ledger(pg); });
    }
};

TEST_F(ledger_test, every_statement_prepares) {
    EXPECT_EQ(pg::testing::prepare_all(db, sql::all), std::vector<std::string>{});
}

TEST_F(ledger_test, an_empty_ledger_is_sound) {
    const auto report = verify();
    EXPECT_TRUE(report.sound());
    EXPECT_EQ(report.wallets, 0);
}

TEST_F(ledger_test, more_wallets_than_a_batch_are_all_looked_at) {
    db.execute(R"(
        insert into pool_user (id, phone_hash, phone_sealed, user_type)
        select lpad(to_hex(n), 32, '0')::uuid, int4send(n), '', 'user' from generate_series(1, 1234) n;
        insert into wallet (owner_id, bonus) select id, 100 from pool_user;
        insert into journal (id, kind, reference_id) select id, 'promotion.welcome', id from pool_user;
        insert into posting
        select id, 1, '00000000-0000-0000-0000-000000000000', 'promotions', id, 'bonus', 100
        from pool_user)");
    EXPECT_TRUE(verify().sound());
    db.execute("update wallet set bonus = 99 where owner_id = lpad(to_hex(1200), 32, '0')::uuid");
    const auto report = verify();
    EXPECT_EQ(report.wallets, 1234);
    EXPECT_EQ(report.journals, 1234);
    ASSERT_EQ(report.differences.size(), 1U);
    EXPECT_EQ(report.differences[0].what, "wallet bonus");
    EXPECT_EQ(report.differences[0].recorded, 99);
    EXPECT_EQ(report.differences[0].recomputed, 100);
}

TEST_F(ledger_test, every_kind_of_planted_difference_is_found) {
    const user_id someone = add_wallet();
    post(someone, "cash", 500);
    post(someone, "held", 70);                // held without a hold
    post(user_id::make(), "cash", 5, false);  // an owner without a wallet
    db.execute(
        "insert into journal (id, kind, reference_id) values (gen_random_uuid(), 'x', gen_random_uuid())");
    const auto report = verify();
    std::vector<std::string> found;
    for (const auto& each : report.differences) found.push_back(each.what);
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, (std::vector<std::string>{"journal without postings", "wallet cash",
                                               "wallet held for active holds"}));
}

TEST_F(ledger_test, cannot_be_rewritten) {
    post(add_wallet(), "cash", 500);
    for (const char* sql : {"update posting set amount = 1", "delete from posting", "delete from journal",
                            "truncate posting", "update wallet set cash = -1",
                            "insert into posting select id, 2, reference_id, 'promotions', reference_id, "
                            "'cash', 1 from journal"})
        EXPECT_THROW(db.execute(sql), std::runtime_error) << sql;
    EXPECT_TRUE(verify().sound());
}

TEST_F(ledger_test, journals_are_listed_newest_first_as_their_owner_sees_them) {
    const user_id someone = add_wallet(), other = add_wallet();
    post(someone, "bonus", 100);
    post(other, "cash", 7);
    post(someone, "cash", 500);
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        uuid highest;
        highest.bytes.fill(0xff);
        const auto all = co_await list_journals(pg, someone, journal_id{highest}, 10);
        EXPECT_EQ(all.size(), 2U);
        EXPECT_EQ(all[0].postings[0].account, "cash");
        EXPECT_EQ(all[0].postings[0].amount, money{500});
        const auto rest = co_await list_journals(pg, someone, all[0].id, 10);
        EXPECT_EQ(rest.size(), 1U);
        const auto balance = co_await read_balance(pg, someone);
        EXPECT_EQ(balance.available, money{600});
        EXPECT_EQ((co_await read_balance(pg, user_id::make())).available, money{0});
    });
}

}  // namespace
}  // namespace astrotalk::wallet
