#include <gtest/gtest.h>

#include "directory/directory.hpp"
#include "directory/queries.hpp"
#include "pg/testing.hpp"

namespace astrotalk::directory {
namespace {

namespace testing = pg::testing;

struct fixture {
    testing::database db;
    std::vector<user_id> listed;

    user_id add(const std::string& status, const std::string& price, const std::string& skill = "vedic",
                const std::string& language = "hi") {
        const auto id = user_id::make();
        db.execute(
            "insert into pool_user (id, phone_hash, phone_sealed, user_type) values ('" + id.to_string() +
            "', '" + id.to_string() +
            "', '', 'astrologer');"
            "insert into astrologer (id, display_name, bio, languages, specializations, experience_years, "
            "city, status, price_per_minute) values ('" +
            id.to_string() + "', 'आशा \"Asha\"', 'bio', array['" + language + "', 'en'], array['" + skill +
            "'], 7, 'Pune', '" + status + "', " + price + ")");
        if (status == "approved" && price != "null") listed.push_back(id);
        return id;
    }
    fixture() {
        for (int i = 0; i < 5; ++i)
            add("approved", "2500", i % 2 == 0 ? "vedic" : "tarot", i < 3 ? "hi" : "ta");
        add("approved", "null");
        add("pending", "2500");
        add("rejected", "2500");
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
        EXPECT_EQ(ids_of(co_await list_astrologers(pg, {}, {}, 20, "")), made.listed);
        const auto first = co_await list_astrologers(pg, {}, {}, 2, "");
        EXPECT_EQ(first.size(), 3u) << "one more says that there is more";
        const auto second = co_await list_astrologers(pg, {}, first[1].id.value, 3, "");
        EXPECT_EQ(ids_of(second), (std::vector<user_id>{made.listed.begin() + 2, made.listed.end()}));
    });
}

TEST(listing, filters_by_skill_and_language) {
    fixture made;
    const auto& all = made.listed;
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        const filter vedic{"vedic", {}}, tamil{{}, "ta"}, both{"vedic", "ta"}, nobody{"reiki", {}};
        EXPECT_EQ(ids_of(co_await list_astrologers(pg, vedic, {}, 9, "")),
                  (std::vector<user_id>{all[0], all[2], all[4]}));
        EXPECT_EQ(ids_of(co_await list_astrologers(pg, tamil, {}, 9, "")),
                  (std::vector<user_id>{all[3], all[4]}));
        EXPECT_EQ(ids_of(co_await list_astrologers(pg, both, {}, 9, "")), std::vector<user_id>{all[4]});
        EXPECT_TRUE((co_await list_astrologers(pg, nobody, {}, 9, "")).empty());
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
        for (const auto* wrong : {"limit=0", "limit=101", "limit=x", "limit=", "cursor=", "cursor=zzz"}) {
            const auto refused = co_await call(s, "/v1/astrologers", wrong);
            EXPECT_EQ(refused.status, 422) << wrong;
        }
    });
}

TEST(listing, may_be_a_moment_old) {
    fixture made;
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        service s{pg, "", page_cache(std::chrono::milliseconds(300))};
        const auto before = co_await call(s, "/v1/astrologers", "");
        made.add("approved", "9900");
        const auto kept = co_await call(s, "/v1/astrologers", "");
        EXPECT_EQ(kept.body, before.body);
        co_await sleep_for(std::chrono::milliseconds(350));
        const auto fresh = co_await call(s, "/v1/astrologers", "");
        EXPECT_NE(fresh.body, before.body);
    });
}

TEST(one_astrologer, is_read_when_listed_and_not_found_otherwise) {
    fixture made;
    const auto hidden = made.add("pending", "2500");
    testing::run(made.db, [&](pg::client& pg) -> task<void> {
        service s{pg, "", page_cache()};
        const auto id = made.listed[0].to_string();
        const auto found = co_await call(s, "/v1/astrologers/{id}", "", id);
        EXPECT_EQ(found.status, 200);
        EXPECT_EQ(found.body, "{\"id\":\"" + id +
                                  "\",\"displayName\":\"आशा \\\"Asha\\\"\",\"bio\":\"bio\","
                                  "\"languages\":[\"hi\",\"en\"],\"specializations\":[\"vedic\"],"
                                  "\"experienceYears\":7,\"city\":\"Pune\",\"pricePerMinute\":2500}");
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
