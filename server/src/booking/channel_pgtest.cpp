// Chat, calls and video are sold each for its own price; what a hold showed is what its booking is.
#include <random>

#include "booking/testing.hpp"
#include "pg/migrate.hpp"

namespace astrotalk::booking {
namespace {

using namespace testing;

constexpr pg::statement change_prices{
    "test.change_prices",
    "update astrologer set chat_price = $2, call_price = $3 where id = $1 returning 1::bigint", 3};

struct channel_test : ::testing::Test, world {
    task<outcome<answer>> hold(service& s, user_id who, channel by, instant at = tomorrow(9h)) {
        return hold_slot(s, user(who), fresh_key(), {astrologer, at, 30, by});
    }
    std::string sold(const char* table) const {
        return db.execute("select string_agg(channel || ' ' || price_per_minute, ',' order by id) from " +
                          std::string(table));
    }
};

TEST_F(channel_test, each_is_held_and_booked_for_its_own_price) {
    const user_id who = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto chat = co_await hold(s, who, channel::chat);
        EXPECT_EQ(text_of(*chat, "price"), "30000");
        // One's own hold is not in the way of the same time by another channel.
        const auto call = co_await hold(s, who, channel::call);
        EXPECT_EQ(text_of(*call, "channel"), "call");
        EXPECT_EQ(text_of(*call, "pricePerMinute"), "1500");
        EXPECT_EQ(text_of(*call, "price"), "45000");
        const auto seen = co_await view_hold(s, who, occupancy_id{call->id});
        EXPECT_EQ(seen->channel, channel::call);
        const auto booked = co_await book(s, user(who), fresh_key(), occupancy_id{call->id});
        EXPECT_EQ(text_of(*booked, "channel"), "call");
        EXPECT_EQ(text_of(*booked, "price"), "45000");
        EXPECT_EQ((co_await find_booking(s, booking_id{booked->id}))->channel, channel::call);
        co_await expect_sound_ledger(pg);
    });
    EXPECT_EQ(sold("booking"), "call 1500");
    EXPECT_EQ(sold("occupancy"), "chat 1000,call 1500");
}

TEST_F(channel_test, that_is_off_is_refused_and_with_all_off_nobody_is_there) {
    const user_id who = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        EXPECT_EQ((co_await hold(s, who, channel::video)).error().why, error::channel_not_offered);
        // Before the time is looked at: another time would not help.
        EXPECT_EQ((co_await hold(s, who, channel::video, tomorrow(9h + 1min))).error().why,
                  error::channel_not_offered);
        db.execute("update astrologer set chat_price = null, call_price = null");
        EXPECT_EQ((co_await hold(s, who, channel::chat)).error().why, error::astrologer_not_found);
        const auto slots =
            co_await list_slots(s, who, astrologer, {tomorrow(8h), tomorrow(9h)}, 30, channel::chat);
        EXPECT_EQ(slots.error().why, error::astrologer_not_found);
    });
    EXPECT_EQ(count("occupancy"), 0);
}

TEST_F(channel_test, that_goes_off_while_held_is_booked_as_it_was_promised) {
    const user_id who = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto held = co_await hold(s, who, channel::call);
        db.execute("update astrologer set call_price = null, chat_price = 9999");
        EXPECT_EQ((co_await hold(s, who, channel::call, tomorrow(12h))).error().why,
                  error::channel_not_offered);
        const auto booked = co_await book(s, user(who), fresh_key(), occupancy_id{held->id});
        EXPECT_EQ(booked->status, 201);
        EXPECT_EQ(text_of(*booked, "price"), "45000");
        co_await expect_sound_ledger(pg);
    });
    EXPECT_EQ(sold("booking"), "call 1500");
}

// The astrologer changes prices, and calls go on and off, while a user holds and then books.
TEST_F(channel_test, a_booking_costs_what_its_hold_showed_whatever_the_price_does_meanwhile) {
    const user_id who = add_user(1'000'000'000);
    int refused = 0, booked = 0;
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        std::mt19937 random(7);
        const auto change = [&]() -> task<bool> {
            const money chat{1000 + static_cast<std::int64_t>(random() % 9000)};
            std::optional<money> call;
            if (random() % 2 == 0) call = chat + money{1};
            co_await pg.write<std::int64_t>(change_prices, astrologer, chat, call);
            co_return true;
        };
        const auto hold_then_book = [&](instant at, channel by) -> task<bool> {
            const auto held = co_await hold(s, who, by, at);
            if (!held) {
                EXPECT_EQ(held.error().why, error::channel_not_offered);
                ++refused;
                co_return true;
            }
            const auto made = co_await book(s, user(who), fresh_key(), occupancy_id{held->id});
            ++booked;
            for (const char* each : {"channel", "pricePerMinute", "price"})
                EXPECT_EQ(text_of(*made, each), text_of(*held, each));
            co_return true;
        };
        for (int round = 0; round < 60; ++round) {
            std::vector<task<bool>> racing;
            for (int i = 0; i < 3; ++i) racing.push_back(change());
            const instant at = tomorrow(1h * (round % 20)) + std::chrono::days(round / 20);
            racing.push_back(hold_then_book(at, round % 3 == 0 ? channel::chat : channel::call));
            for (int i = 0; i < 3; ++i) racing.push_back(change());
            co_await all(std::move(racing));
        }
        co_await expect_sound_ledger(pg);
    });
    EXPECT_GT(refused, 0);
    EXPECT_GT(booked, 20);
    EXPECT_EQ(
        count("booking b join occupancy o on o.id = b.occupancy_id where (b.channel, b.price_per_minute) "
              "<> (o.channel, o.price_per_minute) or b.price <> 30 * b.price_per_minute"),
        0);
}

TEST_F(channel_test, and_price_belong_to_whatever_is_sold) {
    const user_id who = add_user();
    const auto insert = [&](const std::string& columns, const std::string& values) {
        db.execute("insert into occupancy (id, astrologer_id, user_id, kind, span, blocked, expires_at" +
                   columns + ") select gen_random_uuid(), '" + astrologer.to_string() + "', '" +
                   who.to_string() + "', 'hold', r, r, app_now()" + values +
                   " from (select tstzrange('2030-01-01 10:00Z', '2030-01-01 10:30Z')) as t (r)");
    };
    EXPECT_THROW(insert(", price_per_minute", ", 1000"), std::runtime_error);
    EXPECT_THROW(insert(", channel", ", 'chat'"), std::runtime_error);
    EXPECT_THROW(insert(", channel, price_per_minute", ", 'fax', 1000"), std::runtime_error);
    EXPECT_NO_THROW(insert(", channel, price_per_minute", ", 'chat', 1000"));
}

// A database from before channels had prices: nobody's offer changes, and what was sold stays sold.
TEST(channel_prices_migration, carries_the_one_price_to_every_channel) {
    const auto db = pg::testing::database::empty();
    const auto all = pg::migrations();
    const auto at = std::find_if(all.begin(), all.end(), [](const pg::migration& each) {
        return std::string_view(each.name).ends_with("-channel-prices");
    });
    ASSERT_NE(at, all.end());
    pg::migrate(db.url(), {all.begin(), at});
    const auto id = [](int n) { return "'00000000-0000-7000-8000-00000000000" + std::to_string(n) + "'"; };
    for (int n = 1; n <= 3; ++n)
        db.execute("insert into pool_user (id, phone_hash, phone_sealed, user_type) values (" + id(n) +
                   ", '\\x0" + std::to_string(n) + "', '', 'astrologer')");
    const std::string astrologer =
        "insert into astrologer (id, display_name, bio, languages, specializations, experience_years, city, "
        "status, price_per_minute) values (";
    const std::string rest = ", 'Meera', 'b', '{en}', '{vedic}', 9, 'Pune', 'approved', ";
    db.execute(astrologer + id(1) + rest + "100)");
    db.execute(astrologer + id(2) + rest + "null)");
    db.execute("insert into wallet (owner_id) values (" + id(3) +
               "); insert into wallet_hold (id, owner_id, cash, bonus) values (" + id(4) + ", " + id(3) +
               ", 3000, 0)");
    db.execute(
        "insert into occupancy (id, astrologer_id, user_id, kind, span, blocked, price_per_minute) "
        "select " +
        id(5) + ", " + id(1) + ", " + id(3) +
        ", 'booking', r, r, 100 from (select tstzrange('2030-01-01 10:00Z', '2030-01-01 10:30Z')) as "
        "t (r)");
    db.execute(
        "insert into booking (id, occupancy_id, wallet_hold_id, user_id, astrologer_id, starts_at, "
        "ends_at, price_per_minute, price) values (" +
        id(6) + ", " + id(5) + ", " + id(4) + ", " + id(3) + ", " + id(1) +
        ", '2030-01-01 10:00Z', '2030-01-01 10:30Z', 100, 3000)");

    pg::migrate(db.url());
    EXPECT_EQ(
        db.execute("select string_agg(concat_ws(' ', chat_price, call_price, video_price, lowest_price), "
                   "',' order by id) from astrologer"),
        "100 100 100 100,");
    EXPECT_EQ(db.execute("select channel || ' ' || price_per_minute || ' ' || price from booking"),
              "video 100 3000");
    EXPECT_EQ(db.execute("select channel || ' ' || price_per_minute from occupancy"), "video 100");
    EXPECT_THROW(db.execute("update astrologer set call_price = 99"), std::runtime_error);
    EXPECT_THROW(db.execute("update astrologer set video_price = 100001"), std::runtime_error);
}

}  // namespace
}  // namespace astrotalk::booking
