// An account that ends, and what its person is to others.
#include "account_end_testing.hpp"
#include "directory/queries.hpp"
#include "reviews/queries.hpp"
#include "social/queries.hpp"

namespace astrotalk {
namespace {

using namespace testing;

// An approved astrologer with a price, whom others have to do with.
constexpr pg::statement add_listed{
    "test.add_listed",
    "insert into astrologer (id, display_name, bio, languages, specializations, experience_years, city, "
    "status, chat_price) values ($1, 'Meera', 'b', '{hi}', '{vedic}', 5, 'Pune', 'approved', 1500)",
    1};
task<user_id> meet_astrologer(pg::client& pg) {
    const auto id = user_id::make();
    co_await pg.execute(add_person, id);
    co_await pg.execute(add_listed, id);
    co_return id;
}

TEST_F(account_end, refuses_to_follow_somebody) {
    EXPECT_EQ(ends.meanwhile([](pg::client& pg, const person& who) -> task<std::int64_t> {
        const auto whom = co_await meet_astrologer(pg);
        co_return co_await pg.execute(social::sql::add_follow, who.id, whom, true);
    }),
              "refused");
    EXPECT_EQ(ends.rows("follow"), "0");
}

constexpr pg::statement list{"test.list", "update listing set listed = true where id = $1", 1};

TEST_F(account_end, leaves_nobody_who_follows) {
    ends.meanwhile([](pg::client& pg, const person& who) -> task<std::int64_t> {
        const auto by = co_await meet_astrologer(pg);
        co_await pg.execute(list, who.id);
        co_return co_await pg.execute(social::sql::add_follow, by, who.id, true);
    });
    EXPECT_EQ(ends.rows("follow"), "0");
}

TEST_F(account_end, refuses_to_block_somebody) {
    EXPECT_EQ(ends.meanwhile([](pg::client& pg, const person& who) -> task<std::int64_t> {
        const auto whom = co_await meet_astrologer(pg);
        co_return co_await pg.execute(social::sql::add_block, who.id, whom, uuid::v7(), "user", "r");
    }),
              "refused");
    EXPECT_EQ(ends.rows("block"), "0");
}

TEST_F(account_end, leaves_nobody_who_blocks) {
    ends.meanwhile([](pg::client& pg, const person& who) -> task<std::int64_t> {
        const auto by = co_await meet_astrologer(pg);
        co_return co_await pg.execute(social::sql::add_block, by, who.id, uuid::v7(), "user", "r");
    });
    EXPECT_EQ(ends.rows("block"), "0");
}

TEST_F(account_end, refuses_a_report) {
    EXPECT_EQ(ends.meanwhile([](pg::client& pg, const person& who) -> task<std::int64_t> {
        const auto whom = co_await meet_astrologer(pg);
        co_return co_await pg.execute(social::sql::make_report, uuid::v7(), who.id, whom, "fraud",
                                      bytes(8, 1), uuid::v7(), "user", "r");
    }),
              "refused");
    EXPECT_EQ(ends.rows("report"), "0");
}

TEST_F(account_end, refuses_to_be_seen_online) {
    EXPECT_EQ(ends.meanwhile([](pg::client& pg, const person& who) -> task<std::int64_t> {
        co_await pg.execute(list, who.id);
        co_return co_await pg.execute(directory::sql::go_online, who.id, 7, 90, uuid::v7(), bytes(8, 1));
    }),
              "refused");
    EXPECT_EQ(ends.rows("presence"), "0");
}

TEST_F(account_end, refuses_what_a_listing_shows) {
    EXPECT_EQ(ends.meanwhile([](pg::client& pg, const person& who) {
        return pg.execute(directory::sql::save_listing, who.id, "female", std::optional<money>(),
                          std::optional<money>(), std::optional<money>(), uuid::v7(), "r");
    }),
              "refused");
    EXPECT_EQ(ends.rows("astrologer where gender is not null"), "0");
}

// A consultation that took place, of that user with that astrologer.
constexpr pg::statement add_consultation{
    "test.add_consultation",
    "with purse as (insert into wallet (owner_id) values ($2) on conflict do nothing), "
    "paid as (insert into wallet_hold (id, owner_id, bonus, cash) values ($1, $2, 0, 0)), "
    "taken as (insert into occupancy (id, astrologer_id, user_id, kind, status, span, blocked, channel, "
    "price_per_minute) values ($1, $3, $2, 'booking', 'done', '[2020-01-01,2020-01-02)', "
    "'[2020-01-01,2020-01-02)', 'chat', 100)) "
    "insert into booking (id, occupancy_id, wallet_hold_id, user_id, astrologer_id, starts_at, ends_at, "
    "price_per_minute, price, state, channel) values ($1, $1, $1, $2, $3, '2020-01-01', '2020-01-02', 100, "
    "100, 'completed', 'chat')",
    3};
constexpr pg::statement add_purse{"test.add_purse", "insert into wallet (owner_id) values ($1)", 1};

TEST_F(account_end, refuses_a_review) {
    const auto of = uuid::v7();
    EXPECT_EQ(ends.meanwhile(
                  [&](pg::client& pg, const person& who) -> task<std::int64_t> {
                      co_return co_await pg.execute(reviews::sql::write_review, uuid::v7(), of, who.id, 5,
                                                    "kind");
                  },
                  true,
                  [&](pg::client& pg, const person& who) -> task<void> {
                      const auto with = co_await meet_astrologer(pg);
                      co_await pg.execute(add_purse, who.id);
                      co_await pg.execute(add_consultation, of, who.id, with);
                  }),
              "refused");
    EXPECT_EQ(ends.rows("review"), "0");
}

TEST_F(account_end, leaves_no_reply_to_a_review) {
    const auto of = uuid::v7(), id = uuid::v7();
    EXPECT_EQ(ends.meanwhile(
                  [&](pg::client& pg, const person& who) {
                      return pg.execute(reviews::sql::reply_to_review, id, who.id,
                                        std::optional<std::string>("thanks"));
                  },
                  true,
                  [&](pg::client& pg, const person& who) -> task<void> {
                      const person user;
                      co_await pg.execute(add_person, user.id);
                      co_await pg.execute(add_purse, user.id);
                      co_await pg.execute(add_consultation, of, user.id, who.id);
                      co_await pg.execute(reviews::sql::write_review, id, of, user.id, 5, "kind");
                  }),
              "nothing");
    EXPECT_EQ(ends.rows("review where reply is not null"), "0");
}

}  // namespace
}  // namespace astrotalk
