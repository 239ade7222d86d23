// How PostgreSQL reads the listing by price, with as many astrologers as make it matter.
#include <gtest/gtest.h>

#include "directory/queries.hpp"
#include "pg/testing.hpp"

namespace astrotalk::directory {
namespace {

// 5,000 of them, of whom each channel has other prices.
void fill(const pg::testing::database& db) {
    db.execute(
        "insert into pool_user (id, phone_hash, phone_sealed, user_type) "
        "select md5(n::text)::uuid, convert_to(n::text, 'UTF8'), '', 'astrologer' "
        "from generate_series(1, 5000) n; "
        "insert into astrologer (id, display_name, bio, languages, specializations, experience_years, city, "
        "status, chat_price, call_price, video_price) "
        "select md5(n::text)::uuid, 'Guru', 'bio', '{hi}', '{vedic}', 7, 'Pune', 'approved', "
        "100 + n * 7919 % 90000, case when n % 2 = 0 then 100 + n * 104729 % 90000 end, "
        "case when n % 3 = 0 then 100 + n * 1299709::bigint % 90000 end from generate_series(1, 5000) n; "
        "analyze astrologer; analyze pool_user");
}

// As the pool's connections are set and prepare it; called so often that a plan for all channels would be
// taken if it seemed as good.
std::string plan_of(const pg::testing::database& db, const std::string& channel) {
    const auto call = "execute listing ('00000000-0000-0000-0000-000000000000', 'vedic', null, " + channel +
                      ", 0, 100000, 21, '', 0)";
    std::string all = "set enable_seqscan = off; set jit = off; prepare listing as ";
    all += sql::list_by_price.sql;
    for (int i = 0; i < 7; ++i) all += "; " + call;
    return db.execute(all + "; explain (format json) " + call);
}

TEST(plan, the_order_by_price_is_read_from_the_index_of_the_channel) {
    const pg::testing::database db;
    fill(db);
    for (const auto& [channel, index] : {std::pair{"'chat'", "astrologer_by_chat_price"},
                                         {"'call'", "astrologer_by_call_price"},
                                         {"'video'", "astrologer_by_video_price"},
                                         {"null", "astrologer_by_price"}}) {
        const auto plan = plan_of(db, channel);
        EXPECT_NE(plan.find(std::string("\"Index Name\": \"") + index + "\""), std::string::npos) << plan;
        EXPECT_EQ(plan.find("\"Sort\""), std::string::npos) << plan;
    }
}

TEST(plan, without_its_index_it_would_be_sorted) {
    const pg::testing::database db;
    fill(db);
    db.execute("drop index astrologer_by_call_price");
    EXPECT_NE(plan_of(db, "'call'").find("\"Sort\""), std::string::npos) << "the test above can fail";
}

}  // namespace
}  // namespace astrotalk::directory
