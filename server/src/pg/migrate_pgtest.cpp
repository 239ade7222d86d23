#include <gtest/gtest.h>

#include <thread>

#include "pg/migrate.hpp"
#include "pg/testing.hpp"

namespace astrotalk::pg {
namespace {

using names = std::vector<std::string>;

constexpr migration first{
    "0001-first", "create table a (n int); insert into a values (1);",
    "select 'a is there', to_regclass('a') is not null; select 'and full', count(*) = 1 from a;"};
constexpr migration second{"0002-second", "create table b (n int);",
                           "select 'b is there', to_regclass('b') is not null;"};
constexpr migration untrue{"0002-untrue", "create table b (n int);",
                           "select 'fine', true; select 'b is full', false;"};
constexpr migration broken{"0002-broken", "create table b (n int); create tabel c (n int);",
                           "select 'x', true;"};
constexpr migration ending{"0002-ending", "create table b (n int); commit;", "select 'x', true;"};
constexpr migration silent{"0002-silent", "create table b (n int);", "create table c (n int);"};
constexpr migration changed{"0001-first", "create table a (n int8);", "select 'x', true;"};

std::string refusal(const testing::database& db, std::span<const migration> all) {
    try {
        migrate(db.url(), all);
    } catch (const migration_error& e) {
        return e.what();
    }
    return "";
}

TEST(Migrate, AppliesWhatIsPendingOnce) {
    const auto db = testing::database::empty();
    const migration one[] = {first}, two[] = {first, second};
    EXPECT_EQ(pending(db.url(), one), names{"0001-first"});
    EXPECT_EQ(migrate(db.url(), one), names{"0001-first"});
    EXPECT_EQ(pending(db.url(), two), names{"0002-second"});
    EXPECT_EQ(migrate(db.url(), two), names{"0002-second"});
    EXPECT_EQ(migrate(db.url(), two), names{});
    EXPECT_EQ(pending(db.url(), two), names{});
    EXPECT_EQ(db.execute("select count(*) from schema_migration where applied_at is not null"), "2");
}

TEST(Migrate, TakesBackAMigrationWhoseAssertionDoesNotHold) {
    const auto db = testing::database::empty();
    const migration all[] = {first, untrue};
    EXPECT_EQ(refusal(db, all), "0002-untrue: taken back, because it does not hold that b is full");
    EXPECT_EQ(db.execute("select to_regclass('b') is null"), "t");
    EXPECT_EQ(db.execute("select string_agg(name, ',') from schema_migration"), "0001-first");
}

TEST(Migrate, TakesBackAMigrationThatFailsHalfWay) {
    const auto db = testing::database::empty();
    const migration all[] = {broken};
    EXPECT_NE(refusal(db, all).find("0002-broken/up.sql: ERROR:  syntax error"), std::string::npos);
    EXPECT_EQ(db.execute("select to_regclass('b') is null"), "t");
    const migration ends[] = {ending};
    EXPECT_EQ(refusal(db, ends), "0002-ending/up.sql must not end the transaction it runs in");
    const migration says_nothing[] = {silent};
    EXPECT_NE(refusal(testing::database::empty(), says_nothing).find("must answer rows"), std::string::npos);
}

TEST(Migrate, RefusesAChangedMigrationAndADatabaseThatIsAhead) {
    const auto db = testing::database::empty();
    const migration two[] = {first, second}, other[] = {changed, second}, one[] = {first};
    migrate(db.url(), two);
    EXPECT_NE(refusal(db, other).find("0001-first was changed after it was applied"), std::string::npos);
    EXPECT_NE(refusal(db, one).find("run the newer program"), std::string::npos);
    EXPECT_THROW(pending(db.url(), one), migration_error);
}

TEST(Migrate, TwoAtOnceApplyEachMigrationOnce) {
    const auto db = testing::database::empty();
    const migration two[] = {first, second};
    std::size_t applied[2] = {};
    {
        std::jthread one([&] { applied[0] = migrate(db.url(), two).size(); });
        std::jthread other([&] { applied[1] = migrate(db.url(), two).size(); });
    }
    EXPECT_EQ(applied[0] + applied[1], 2u);
}

TEST(Migrate, SaysWhenThereIsNoDatabase) { EXPECT_THROW(migrate("host=/nowhere dbname=x"), migration_error); }

TEST(Migrate, TheEmbeddedOnesAreInOrderAndApply) {
    const auto db = testing::database::empty();
    const auto applied = migrate(db.url());
    ASSERT_EQ(applied.size(), migrations().size());
    EXPECT_TRUE(std::is_sorted(applied.begin(), applied.end()));
    EXPECT_EQ(applied.front(), "0001-foundation");
}

constexpr statement good{"test.good", "select $1::int", 1};
constexpr statement bad{"test.bad", "select nothing from nowhere", 0};

TEST(Testing, PreparingEveryStatementNamesTheBadOnes) {
    testing::database db;
    const statement all[] = {good, bad};
    const auto refused = testing::prepare_all(db, all);
    ASSERT_EQ(refused.size(), 1u);
    EXPECT_TRUE(refused[0].starts_with("test.bad: ERROR"));
}

}  // namespace
}  // namespace astrotalk::pg
