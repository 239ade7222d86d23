#include <gtest/gtest.h>

#include <random>

#include "directory/directory.hpp"
#include "directory/queries.hpp"
#include "pg/testing.hpp"

namespace astrotalk::directory {
namespace {

namespace testing = pg::testing;

struct fixture {
    testing::database db;
    std::vector<user_id> listed;

    // `prices` of chat, call and video: "2500, null, null".
    user_id add(const std::string& status, const std::string& prices, const std::string& skill = "vedic",
                const std::string& language = "hi") {
        const auto id = user_id::make();
        db.execute(
            "insert into pool_user (id, phone_hash, phone_sealed, user_type) values ('" + id.to_string() +
            "', '" + id.to_string() +
            "', '', 'astrologer');"
            "insert into astrologer (id, display_name, bio, languages, specializations, experience_years, "
            "city, status, chat_price, call_price, video_price) values ('" +
            id.to_string() + "', 'आशा \"Asha\"', 'bio', array['" + language + "', 'en'], array['" + skill +
            "'], 7, 'Pune', '" + status + "', " + prices + ")");
        if (status == "approved" && prices != "null, null, null") listed.push_back(id);
        return id;
    }
    fixture() {
        for (int i = 0; i < 5; ++i)
            add("approved", "2500, 4000, null", i % 2 == 0 ? "vedic" : "tarot", i < 3 ? "hi" : "ta");
        add("approved", "null, null, null");
        add("pending", "2500, null, null");
        add("rejected", "2500, null, null");
    }
};

task<http::response> call(service& s, std::string pattern, std::string query, std::string id = {}) {
    http::request in;
    in.query = query;
    http::exchange x{in, "r", {}, {}, {}, {}, {}};
    x.path_values[0] = id;
    for (const auto& row : routes())
        if (row.pattern == pattern) co_return co_await row.handle(s, x);
    throw std::logic_error("no such route");
}

std::vector<user_id> ids_of(const std::vector<astrologer>& found) {
    std::vector<user_id> ids;
    for (const auto& each : found) ids.push_back(each.id);
    return ids;
}

TEST(directory_sql, fits_the_schema) {
    testing::database db;
    EXPECT_EQ(testing::prepare_all(db, sql::all), std::vector<std::string>{});
}

TEST(listing, has_the_approved_with_a_price_page_by_page) {
    fixture made;
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        EXPECT_EQ(ids_of(co_await list_astrologers(pg, {}, {}, {}, 20, "")), made.listed);
        const auto first = co_await list_astrologers(pg, {}, {}, {}, 2, "");
        EXPECT_EQ(first.size(), 3u) << "one more says that there is more";
        const auto second = co_await list_astrologers(pg, {}, {}, {{}, first[1].id.value}, 3, "");
        EXPECT_EQ(ids_of(second), (std::vector<user_id>{made.listed.begin() + 2, made.listed.end()}));
    });
}

TEST(listing, filters_by_skill_and_language) {
    fixture made;
    const auto& all = made.listed;
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        const auto by = [](std::optional<std::string> skill, std::optional<std::string> language) {
            return filter{std::move(skill), std::move(language), {}, {}, {}};
        };
        const auto vedic = by("vedic", {}), tamil = by({}, "ta"), both = by("vedic", "ta"),
                   nobody = by("reiki", {});
        EXPECT_EQ(ids_of(co_await list_astrologers(pg, vedic, {}, {}, 9, "")),
                  (std::vector<user_id>{all[0], all[2], all[4]}));
        EXPECT_EQ(ids_of(co_await list_astrologers(pg, tamil, {}, {}, 9, "")),
                  (std::vector<user_id>{all[3], all[4]}));
        EXPECT_EQ(ids_of(co_await list_astrologers(pg, both, {}, {}, 9, "")), std::vector<user_id>{all[4]});
        EXPECT_TRUE((co_await list_astrologers(pg, nobody, {}, {}, 9, "")).empty());
    });
}

TEST(listing, answers_pages_with_cursors_and_refuses_bad_ones) {
    fixture made;
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        service s{pg, "", page_cache()};
        const auto first = co_await call(s, "/v1/astrologers", "limit=3");
        EXPECT_EQ(first.status, 200);
        EXPECT_NE(first.body.find("\"next\":\"" + made.listed[2].to_string() + "\""), std::string::npos);
        const auto last = co_await call(s, "/v1/astrologers", "limit=3&cursor=" + made.listed[2].to_string());
        EXPECT_EQ(last.body.find("\"next\""), std::string::npos);
        EXPECT_NE(last.body.find(made.listed[4].to_string()), std::string::npos);
        for (const auto* wrong :
             {"limit=0", "limit=101", "limit=x", "limit=", "cursor=", "cursor=zzz", "channel=fax",
              "channel=", "specialization=", "language=", "minPrice=-1", "maxPrice=1.5",
              "maxPrice=9223372036854775808", "sort=id", "sort=price&cursor=zzz",
              "sort=price&cursor=00000000-0000-7000-8000-000000000001", "sort=price&cursor=any.100.zzz",
              "sort=price&channel=chat&cursor=any.100.00000000-0000-7000-8000-000000000001"}) {
            const auto refused = co_await call(s, "/v1/astrologers", wrong);
            EXPECT_EQ(refused.status, 422) << wrong;
        }
    });
}

// Against the plainest reading of what a filter and an order mean, over invented prices with many ties.
TEST(listing, filters_and_sorts_by_the_price_of_a_channel) {
    fixture made;
    made.db.execute("delete from astrologer");
    std::mt19937 random(5);
    const auto price = [&] {
        return random() % 3 == 0 ? "null" : std::to_string(100 + 100 * (random() % 6));
    };
    for (int i = 0; i < 60; ++i)
        made.add("approved", price() + ", " + price() + ", " + price(), i % 2 == 0 ? "vedic" : "tarot");
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        const auto everybody = co_await list_astrologers(pg, {}, {}, {}, 99, "");
        for (int round = 0; round < 120; ++round) {
            filter by;
            if (round % 4 > 0) by.by = every_channel[static_cast<std::size_t>(round % 4 - 1)];
            if (random() % 2 == 0) by.min_price = money{100 * static_cast<std::int64_t>(random() % 7)};
            if (random() % 2 == 0) by.max_price = money{100 * static_cast<std::int64_t>(random() % 7)};
            if (random() % 2 == 0) by.specialization = "vedic";
            const order in = random() % 2 == 0 ? order::by_id : order::by_price;

            std::vector<std::pair<money, uuid>> wanted;
            for (const auto& each : everybody) {
                if (by.by && !each.prices.of(*by.by)) continue;
                const money its = compared_price(each, by);
                if (its < by.min_price.value_or(its) || its > by.max_price.value_or(its)) continue;
                if (by.specialization && each.specializations.front() != "vedic") continue;
                wanted.emplace_back(in == order::by_price ? its : money{}, each.id.value);
            }
            std::ranges::sort(wanted);
            std::vector<std::pair<money, uuid>> found;
            for (position after;;) {
                auto page = co_await list_astrologers(pg, by, in, after, 7, "");
                const bool more = page.size() > 7;
                if (more) page.pop_back();
                for (const auto& each : page)
                    found.emplace_back(in == order::by_price ? compared_price(each, by) : money{},
                                       each.id.value);
                if (!more) break;
                after = {found.back().first, found.back().second};
            }
            EXPECT_EQ(found, wanted) << round;
        }
    });
}

TEST(listing, keeps_the_answers_of_channels_apart_and_pages_by_price) {
    fixture made;
    made.add("approved", "null, 300, 900");
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        service s{pg, "", page_cache()};
        const auto last = made.listed.back().to_string();
        const auto names_last = [&](std::string query) -> task<bool> {
            const auto got = co_await call(s, "/v1/astrologers", query);
            EXPECT_EQ(got.status, 200) << query;
            co_return got.body.find(last) != std::string::npos;
        };
        EXPECT_TRUE(co_await names_last(""));
        EXPECT_FALSE(co_await names_last("channel=chat"));
        EXPECT_TRUE(co_await names_last("channel=video"));
        EXPECT_TRUE(co_await names_last("channel=video&minPrice=900&maxPrice=900"));
        EXPECT_FALSE(co_await names_last("channel=video&minPrice=901"));
        EXPECT_FALSE(co_await names_last("channel=video&maxPrice=899"));
        EXPECT_TRUE(co_await names_last("maxPrice=300")) << "by the cheapest of theirs";
        const auto first = co_await call(s, "/v1/astrologers", "sort=price&channel=call&limit=1");
        EXPECT_NE(first.body.find("\"next\":\"call.300." + last + "\""), std::string::npos) << first.body;
        EXPECT_FALSE(co_await names_last("sort=price&channel=call&limit=5&cursor=call.300." + last));
    });
}

TEST(listing, may_be_a_moment_old) {
    fixture made;
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        service s{pg, "", page_cache(std::chrono::milliseconds(300))};
        const auto before = co_await call(s, "/v1/astrologers", "");
        made.add("approved", "9900, null, null");
        const auto kept = co_await call(s, "/v1/astrologers", "");
        EXPECT_EQ(kept.body, before.body);
        co_await sleep_for(std::chrono::milliseconds(350));
        const auto fresh = co_await call(s, "/v1/astrologers", "");
        EXPECT_NE(fresh.body, before.body);
    });
}

TEST(one_astrologer, is_read_when_listed_and_not_found_otherwise) {
    fixture made;
    const auto hidden = made.add("pending", "2500, null, null");
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        service s{pg, "", page_cache()};
        const auto id = made.listed[0].to_string();
        const auto found = co_await call(s, "/v1/astrologers/{id}", "", id);
        EXPECT_EQ(found.status, 200);
        EXPECT_EQ(found.body, "{\"id\":\"" + id +
                                  "\",\"displayName\":\"आशा \\\"Asha\\\"\",\"bio\":\"bio\","
                                  "\"languages\":[\"hi\",\"en\"],\"specializations\":[\"vedic\"],"
                                  "\"experienceYears\":7,\"city\":\"Pune\",\"prices\":{\"chat\":2500,"
                                  "\"call\":4000}}");
        for (const auto& other :
             {hidden.to_string(), uuid::v7().to_string(), std::string("1"), std::string()}) {
            const auto missing = co_await call(s, "/v1/astrologers/{id}", "", other);
            EXPECT_EQ(missing.status, 404);
            EXPECT_NE(missing.body.find("\"astrologer_not_found\""), std::string::npos);
        }
    });
}

}  // namespace
}  // namespace astrotalk::directory
