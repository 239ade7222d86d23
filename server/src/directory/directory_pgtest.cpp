#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <thread>

#include "core/clock.hpp"
#include "directory/directory.hpp"
#include "directory/queries.hpp"
#include "pg/testing.hpp"

namespace astrotalk::directory {
namespace {

namespace testing = pg::testing;
using namespace std::chrono_literals;

struct fixture {
    testing::database db;

    user_id person(const std::string& type) {
        const auto id = user_id::make();
        db.execute("insert into pool_user (id, phone_hash, phone_sealed, user_type) values ('" +
                   id.to_string() + "', '" + id.to_string() + "', '', '" + type + "')");
        return id;
    }
    // `prices` of chat, call and video: "2500, null, null". Open around the clock.
    user_id add(const std::string& name, const std::string& prices = "2500, 4000, null",
                const std::string& skill = "vedic", const std::string& status = "approved") {
        const auto id = person("astrologer");
        db.execute(
            "insert into astrologer (id, display_name, bio, languages, specializations, experience_years, "
            "city, status, chat_price, call_price, video_price, weekly, notice_minutes) values ('" +
            id.to_string() + "', '" + name + "', 'bio', '{hi,en}', '{" + skill + "}', 7, 'Pune', '" + status +
            "', " + prices + ", '{0,10080}', 0)");
        return id;
    }
    std::string of(const char* what, user_id who) {
        return db.execute(std::string("select ") + what + " from listing where id = '" + who.to_string() +
                          "'");
    }
};

booking::service slots_of(pg::client& pg) {
    return {pg, [](uuid, std::string_view json) { return bytes(json.begin(), json.end()); }, 300s};
}

struct desk : service {
    desk(pg::client& pg, std::optional<user_id> signed_in = {})
        : service(pg, nullptr, slots_of(pg), "",
                  [signed_in](std::string_view) { return answer(signed_in); }) {}
    static task<std::optional<http::principal>> answer(std::optional<user_id> who) {
        if (!who) co_return std::nullopt;
        http::principal one;
        one.id = *who;
        co_return one;
    }
};

task<http::response> call(service& s, std::string pattern, std::string query, std::string id = {},
                          std::optional<user_id> who = {}, std::string known = {}, std::string bearer = {}) {
    http::request in;
    in.query = query;
    if (!known.empty()) in.headers.emplace_back("if-none-match", known);
    if (!bearer.empty()) in.headers.emplace_back("authorization", bearer);
    http::exchange x{in, "r", {}, {}, {}, {}, {}};
    x.path_values[0] = id;
    if (who) {
        x.who.emplace();
        x.who->id = *who;
    }
    for (const auto& row : routes())
        if (row.pattern == pattern && row.method == http::verb::get) co_return co_await row.handle(s, x);
    throw std::logic_error("no such route");
}

std::vector<std::string> names_in(const http::response& page) {
    std::vector<std::string> names;
    const auto json = boost::json::parse(page.body);
    for (const auto& each : json.at("items").as_array())
        names.emplace_back(each.at("displayName").as_string());
    return names;
}

TEST(directory_sql, fits_the_schema) {
    testing::database db;
    EXPECT_EQ(testing::prepare_all(db, sql::all), std::vector<std::string>{});
}

TEST(listing, has_the_approved_and_enabled_with_a_price) {
    fixture made;
    const auto asha = made.add("Asha");
    made.add("Free", "null, null, null");
    made.add("Pending", "2500, null, null", "vedic", "pending");
    const auto gone = made.add("Gone");
    made.db.execute("update pool_user set enabled = false where id = '" + gone.to_string() + "'");
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        desk s(pg);
        const auto all = co_await call(s, "/v1/astrologers", "");
        EXPECT_EQ(names_in(all), std::vector<std::string>{"Asha"});
        for (const auto id : {gone, user_id::make()}) {
            const auto missing = co_await call(s, "/v1/astrologers/{id}", "", id.to_string(), asha);
            EXPECT_EQ(missing.status, 404);
        }
        made.db.execute("update pool_user set enabled = true where id = '" + gone.to_string() + "'");
        EXPECT_EQ(made.of("listed", gone), "t");
    });
}

TEST(listing, is_searched_with_typing_errors_in_two_scripts) {
    fixture made;
    made.add("Meera Joshi", "2500, null, null", "tarot");
    made.add("आचार्य विनोद", "2500, null, null", "vedic");
    made.add("100%_Pure", "2500, null, null", "vastu");
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        desk s(pg);
        const auto found = [&](std::string q) -> task<std::vector<std::string>> {
            co_return names_in(co_await call(s, "/v1/astrologers", "q=" + q));
        };
        const std::vector<std::string> meera{"Meera Joshi"}, vinod{"आचार्य विनोद"}, nobody;
        EXPECT_EQ(co_await found("meera"), meera);
        EXPECT_EQ(co_await found("Mera"), meera) << "a letter is missing";
        EXPECT_EQ(co_await found("JOS"), meera) << "half a word";
        EXPECT_EQ(co_await found("meera+vastu"), nobody) << "every word counts";
        EXPECT_EQ(co_await found("टैरो"), meera) << "the name of a skill";
        EXPECT_EQ(co_await found("जयोतिष"), vinod) << "a joining sign is missing";
        EXPECT_EQ(co_await found("विनद"), vinod);
        EXPECT_EQ(co_await found("%25"), (co_await found(""))) << "nothing but signs is no word";
        EXPECT_EQ(co_await found("zzzz"), nobody);
    });
}

TEST(listing, refuses_what_is_not_a_filter_and_pages_that_are_not_its_own) {
    fixture made;
    for (int i = 0; i < 5; ++i) made.add("Asha");
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        desk s(pg);
        for (const auto* wrong : {"limit=0",
                                  "limit=101",
                                  "limit=x",
                                  "channel=fax",
                                  "channel=",
                                  "specialization=",
                                  "specialization=vedic,",
                                  "language=,",
                                  "gender=m",
                                  "minPrice=-1",
                                  "maxPrice=1.5",
                                  "maxPrice=9223372036854775808",
                                  "sort=id",
                                  "sort=price_desc",
                                  "sort=",
                                  "minRating=6",
                                  "minRating=4.55",
                                  "minRating=5.1",
                                  "minExperience=81",
                                  "online=1",
                                  "freeBefore=tomorrow",
                                  "city="}) {
            const auto refused = co_await call(s, "/v1/astrologers", wrong);
            EXPECT_EQ(refused.status, 422) << wrong;
            if (std::string_view(wrong).starts_with("limit") || std::string_view(wrong).starts_with("sort"))
                continue;
            EXPECT_EQ((co_await call(s, "/v1/astrologers/counts", wrong)).status, 422) << wrong;
        }
        const auto first = co_await call(s, "/v1/astrologers", "limit=3&sort=price");
        const std::string next(boost::json::parse(first.body).at("next").as_string());
        const auto rest = co_await call(s, "/v1/astrologers", "limit=3&sort=price&cursor=" + next);
        EXPECT_EQ(names_in(rest).size(), 2u);
        for (const auto& wrong :
             {"sort=priceDesc&cursor=" + next, "sort=price&channel=chat&cursor=" + next,
              "sort=price&cursor=" + next + "0", std::string("cursor=zzz"), std::string("cursor="),
              std::string("sort=price&cursor=price.any.x.00000000-0000-7000-8000-000000000001")}) {
            const auto refused = co_await call(s, "/v1/astrologers", wrong);
            EXPECT_EQ(refused.status, 400) << wrong;
            EXPECT_NE(refused.body.find("invalid_cursor"), std::string::npos);
        }
    });
}

TEST(listing, names_its_answer_and_is_new_soon_after_a_change) {
    fixture made;
    const auto asha = made.add("Asha");
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        desk s(pg);
        const auto first = co_await call(s, "/v1/astrologers", "");
        const auto tag = first.headers.at(0).second;
        const auto same = co_await call(s, "/v1/astrologers", "", {}, {}, tag);
        EXPECT_EQ(same.status, 304);
        EXPECT_TRUE(same.body.empty());
        made.db.execute("update astrologer set chat_price = 900 where id = '" + asha.to_string() + "'");
        co_await sleep_for(listing_feed::renewed_after + 50ms);
        const auto changed = co_await call(s, "/v1/astrologers", "", {}, {}, tag);
        EXPECT_EQ(changed.status, 200);
        EXPECT_NE(changed.body.find("\"chat\":900"), std::string::npos);
        const auto one = co_await call(s, "/v1/astrologers/{id}", "", asha.to_string(), asha);
        EXPECT_NE(one.body.find("\"chat\":900"), std::string::npos);
        made.db.execute("update astrologer set chat_price = 950 where id = '" + asha.to_string() + "'");
        const auto at_once = co_await call(s, "/v1/astrologers/{id}", "", asha.to_string(), asha);
        EXPECT_NE(at_once.body.find("\"chat\":950"), std::string::npos) << "one astrologer is never stale";
    });
}

TEST(listing, does_not_show_the_blocked_to_the_caller_and_only_to_the_caller) {
    fixture made;
    const auto asha = made.add("Asha"), user = made.person("user");
    made.add("Meera");
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        desk s(pg, user), bad(pg);
        const auto pair = std::pair(asha.to_string(), user.to_string());
        for (const auto& [blocker, blocked] : {pair, std::pair(pair.second, pair.first)}) {
            made.db.execute("delete from block; insert into block values ('" + blocker + "', '" + blocked +
                            "')");
            const auto own = co_await call(s, "/v1/astrologers", "", {}, {}, {}, "Bearer good");
            EXPECT_EQ(names_in(own), std::vector<std::string>{"Meera"});
            const auto everybodys = co_await call(s, "/v1/astrologers", "");
            EXPECT_EQ(names_in(everybodys).size(), 2u);
        }
        const auto one = co_await call(s, "/v1/astrologers/{id}", "", pair.first, user);
        EXPECT_NE(one.body.find("\"blocked\":true"), std::string::npos) << "so that it can be undone";
        made.db.execute("delete from block; insert into block values ('" + pair.first + "', '" + pair.second +
                        "')");
        EXPECT_EQ((co_await call(s, "/v1/astrologers/{id}", "", pair.first, user)).status, 404);
        EXPECT_EQ((co_await call(bad, "/v1/astrologers", "", {}, {}, {}, "Bearer old")).status, 401);
    });
}

// An approval and a suspension that race end in what is true of both.
TEST(listing, is_right_whichever_of_two_changes_comes_second) {
    fixture made;
    for (int round = 0; round < 30; ++round) {
        const auto id = made.add("Asha", "2500, null, null", "vedic", "pending").to_string();
        const std::jthread approve(
            [&] { made.db.execute("update astrologer set status = 'approved' where id = '" + id + "'"); });
        const std::jthread suspend(
            [&] { made.db.execute("update pool_user set enabled = false where id = '" + id + "'"); });
    }
    EXPECT_EQ(made.db.execute("select count(*) from listing where listed"), "0");
}

TEST(presence, ends_by_itself_and_heartbeats_that_race_with_the_end_win) {
    fixture made;
    const auto asha = made.add("Asha");
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        desk s(pg);
        EXPECT_FALSE(co_await go_online(s, user_id::make(), every_bit));
        EXPECT_TRUE(co_await go_online(s, asha, bit_of(channel::call)));
        EXPECT_EQ(made.of("online", asha), "2");
        co_await end_presences(pg);
        EXPECT_EQ(made.of("online", asha), "2") << "the lease has not ended";
        const auto expire = [&] {
            made.db.execute("update presence set until = app_now() - interval '1 s'");
        };
        expire();
        co_await end_presences(pg);
        EXPECT_EQ(made.of("online", asha), "0");
        for (int round = 0; round < 40; ++round) {
            co_await go_online(s, asha, every_bit);
            expire();
            event done;
            auto sweep = [](pg::client& c, event& ended) -> task<void> {
                co_await end_presences(c);
                ended.set();
            };
            spawn(sweep(pg, done));
            co_await go_online(s, asha, every_bit);
            co_await done.wait_for(5s);
            EXPECT_EQ(made.of("online", asha), "7") << round;
        }
        co_await go_offline(s, asha);
        EXPECT_EQ(made.of("online", asha), "0");
    });
}

TEST(free_time, follows_what_is_taken_and_what_becomes_free) {
    fixture made;
    const auto asha = made.add("Asha"), user = made.person("user");
    const auto me = asha.to_string();
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        free_time duty(slots_of(pg));
        co_await duty.refresh();
        const auto first = made.of("next_free_at", asha);
        EXPECT_FALSE(first.empty());
        const auto hold = uuid::v7().to_string();
        made.db.execute(
            "insert into occupancy (id, astrologer_id, user_id, kind, span, blocked, channel, "
            "price_per_minute, expires_at) select '" +
            hold + "', '" + me + "', '" + user.to_string() +
            "', 'hold', r, r, 'chat', 2500, app_now() + interval '5 minutes' from (select "
            "tstzrange(next_free_at, next_free_at + interval '3 hours') as r from listing where id = '" +
            me + "') t");
        co_await duty.refresh();
        EXPECT_EQ(made.of(("next_free_at = '" + first + "'::timestamptz + interval '3 hours'").c_str(), asha),
                  "t");
        made.db.execute("update occupancy set status = 'released' where id = '" + hold + "'");
        made.db.execute("insert into follow (user_id, astrologer_id, notify) values ('" + user.to_string() +
                        "', '" + me + "', true)");
        co_await duty.refresh();
        EXPECT_EQ(made.of("next_free_at", asha), first);
        EXPECT_EQ(made.db.execute("select count(*) from outbox where kind = 'astrologer.available'"), "1")
            << "an earlier time became free";
        made.db.execute("update astrologer set weekly = '{}' where id = '" + me + "'");
        co_await duty.refresh();
        EXPECT_EQ(made.of("next_free_at is null", asha), "t");
    });
}

TEST(listing, has_no_price_struck_through_that_is_not_above_the_price) {
    fixture made;
    const auto asha = made.add("Asha", "2500, null, null");
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        desk s(pg);
        const auto with = [](std::optional<money> chat, std::optional<money> call) {
            return presentation{gender::female, channel_prices{chat, call, {}}};
        };
        EXPECT_FALSE(co_await set_listing(s, asha, with(money{2501}, {}), "r"));
        EXPECT_EQ(co_await set_listing(s, asha, with(money{2500}, {}), "r"), error::not_above_price);
        EXPECT_EQ(co_await set_listing(s, asha, with({}, money{9000}), "r"), error::not_above_price)
            << "the channel is off";
        EXPECT_EQ(co_await set_listing(s, user_id::make(), {}, "r"), error::no_profile);
        const auto page = co_await call(s, "/v1/astrologers", "gender=female");
        EXPECT_NE(page.body.find("\"strikePrices\":{\"chat\":2501}"), std::string::npos);
        made.db.execute("update astrologer set chat_price = 2600");
        EXPECT_EQ(made.db.execute("select chat_strike is null from astrologer"), "t")
            << "it goes when the price rises to it";
    });
}

}  // namespace
}  // namespace astrotalk::directory
