#include <gtest/gtest.h>

#include "core/loop.hpp"
#include "pg/testing.hpp"
#include "reviews/queries.hpp"
#include "reviews/reviews.hpp"

namespace astrotalk::reviews {
namespace {

namespace testing = pg::testing;
using namespace std::chrono_literals;

struct fixture {
    testing::database db;
    user_id astrologer = person("astrologer");

    fixture() {
        db.execute(
            "insert into astrologer (id, display_name, bio, languages, specializations, experience_years, "
            "city, status, chat_price) values ('" +
            astrologer.to_string() + "', 'Asha', 'bio', '{hi}', '{vedic}', 7, 'Pune', 'approved', 2500)");
    }
    user_id person(const std::string& type) {
        const auto id = user_id::make();
        db.execute("insert into pool_user (id, phone_hash, phone_sealed, user_type) values ('" +
                   id.to_string() + "', '" + id.to_string() + "', '', '" + type +
                   "'); insert into wallet (owner_id) values ('" + id.to_string() + "')");
        return id;
    }
    booking_id consultation(user_id who, const std::string& state, int price = 2500) {
        const auto id = booking_id::make();
        const auto user = "'" + who.to_string() + "'", with = "'" + astrologer.to_string() + "'";
        const auto text = "'" + id.to_string() + "'";
        db.execute(
            "insert into occupancy (id, astrologer_id, user_id, kind, status, span, blocked, channel, "
            "price_per_minute) values (" +
            text + ", " + with + ", " + user +
            ", 'booking', 'done', '[2020-01-01, 2020-01-02)', '[2020-01-01, 2020-01-02)', 'chat', 100)");
        db.execute("insert into wallet_hold (id, owner_id, bonus, cash) values (" + text + ", " + user +
                   ", 0, 0)");
        db.execute(
            "insert into booking (id, occupancy_id, wallet_hold_id, user_id, astrologer_id, starts_at, "
            "ends_at, price_per_minute, price, state, channel) values (" +
            text + ", " + text + ", " + text + ", " + user + ", " + with +
            ", '2020-01-01', '2020-01-02', 100, " + std::to_string(price) + ", '" + state + "', 'chat')");
        return id;
    }
    std::string stars() { return db.execute("select stars::text from listing"); }
};

task<void> count_down(task<void> one, int& left, event& done) {
    co_await std::move(one);
    if (--left == 0) done.set();
}

TEST(reviews_sql, fits_the_schema) {
    testing::database db;
    EXPECT_EQ(testing::prepare_all(db, sql::all), std::vector<std::string>{});
}

TEST(review, is_of_ones_own_completed_paid_consultation) {
    fixture made;
    const auto user = made.person("user"), other = made.person("user");
    const auto paid = made.consultation(user, "completed"), free = made.consultation(user, "completed", 0),
               coming = made.consultation(user, "confirmed");
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        service s{pg};
        EXPECT_EQ((co_await write_review(s, other, paid, 5, "")).error(), error::not_found);
        EXPECT_EQ((co_await write_review(s, user, free, 5, "")).error(), error::not_completed);
        EXPECT_EQ((co_await write_review(s, user, coming, 5, "")).error(), error::not_completed);
        EXPECT_TRUE(co_await write_review(s, user, paid, 5, "kind"));
        made.db.execute("update review set created_at = created_at - interval '30 days'");
        EXPECT_EQ((co_await write_review(s, user, paid, 1, "")).error(), error::too_late);
        EXPECT_EQ(made.stars(), "{0,0,0,0,1}");
    });
}

// Writing, writing anew, holding and showing, all at once: the stars are those of the visible reviews.
TEST(review, counts_are_exact_whatever_races) {
    fixture made;
    std::vector<std::pair<user_id, booking_id>> all;
    for (int i = 0; i < 12; ++i) {
        const auto user = made.person("user");
        all.emplace_back(user, made.consultation(user, "completed"));
    }
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        service s{pg};
        const auto write = [](service& at, user_id who, booking_id of, int round) -> task<void> {
            const auto made_one = co_await write_review(at, who, of, 1 + round % 5, "text");
            if (!made_one) co_return;
            const staff admin{who, "admin", "why", "r"};
            co_await decide_review(at, admin, made_one->id,
                                   round % 3 == 0 ? standing::held : standing::visible);
        };
        int left = 0;
        event done;
        for (int round = 0; round < 8; ++round)
            for (std::size_t i = 0; i < all.size(); ++i) {
                ++left;
                spawn(count_down(write(s, all[i].first, all[i].second, round * 7 + static_cast<int>(i)), left,
                                 done));
            }
        co_await done.wait_for(60s);
        EXPECT_EQ(left, 0);
        EXPECT_EQ(made.db.execute("select count(*) from review"), "12") << "one each";
        EXPECT_EQ(
            made.stars(),
            made.db.execute("select array(select (select count(*)::int from review where state = 'visible' "
                            "and stars = n) from generate_series(1, 5) n)::text"));
        made.db.execute("delete from review");
        EXPECT_EQ(made.stars(), "{0,0,0,0,0}");
    });
}

TEST(review, has_one_reply_by_its_astrologer_while_it_is_visible) {
    fixture made;
    const auto user = made.person("user");
    const auto of = made.consultation(user, "completed");
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        service s{pg};
        const auto id = (co_await write_review(s, user, of, 4, "kind"))->id;
        EXPECT_FALSE(co_await reply_to_review(s, user, id, "mine"));
        EXPECT_TRUE(co_await reply_to_review(s, made.astrologer, id, "thanks"));
        EXPECT_TRUE(co_await reply_to_review(s, made.astrologer, id, "many thanks"));
        const auto shown = co_await list_reviews(s, made.astrologer, uuid{{0xff}}, 9);
        EXPECT_EQ(shown.at(0).reply, "many thanks");
        EXPECT_TRUE(co_await decide_review(s, {user, "admin", "rude", "r"}, id, standing::removed));
        EXPECT_FALSE(co_await reply_to_review(s, made.astrologer, id, "again"));
        EXPECT_TRUE((co_await list_reviews(s, made.astrologer, uuid{{0xff}}, 9)).empty());
        EXPECT_EQ((co_await write_review(s, user, of, 5, "anew")).error(), error::too_late);
        EXPECT_EQ(made.db.execute("select count(*) from audit_pending where action = 'review.decide'"), "1");
    });
}

}  // namespace
}  // namespace astrotalk::reviews
