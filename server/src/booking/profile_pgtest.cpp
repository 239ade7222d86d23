// Who has not said who they are cannot hold or book; finding out costs no statement.
#include "booking/testing.hpp"

namespace astrotalk::booking {
namespace {

using namespace testing;

int statements = 0;

struct profile_test : ::testing::Test, world {
    task<outcome<answer>> hold(service& s, user_id who, std::string role = "user") {
        return hold_slot(s, {who, std::move(role), "r"}, fresh_key(), {astrologer, tomorrow(9h), 30});
    }
    void change(user_id who, const std::string& assignment) const {
        db.execute("update pool_user set " + assignment + " where id = '" + who.to_string() + "'");
    }
};

TEST_F(profile_test, whatever_is_missing_is_named) {
    const std::pair<std::string, std::string> parts[] = {{"name_sealed", "/name"},
                                                         {"language", "/language"},
                                                         {"city_sealed", "/city"},
                                                         {"adult_declared_at", "/adult"}};
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const user_id nobody = add_user();
        for (const auto& [column, pointer] : parts) {
            const user_id who = add_user();
            change(who, column + " = null");
            change(nobody, column + " = null");
            const auto refused = co_await hold(s, who);
            EXPECT_EQ(refused.error().why, error::profile_incomplete);
            EXPECT_EQ(refused.error().missing, std::vector{pointer});
        }
        EXPECT_EQ((co_await hold(s, nobody)).error().missing.size(), 4U);
    });
    EXPECT_EQ(count("occupancy"), 0);
}

TEST_F(profile_test, is_asked_for_at_the_booking_too) {
    const user_id who = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto held = co_await hold(s, who);
        change(who, "name_sealed = null");
        const auto refused = co_await book(s, user(who), fresh_key(), occupancy_id{held->id});
        EXPECT_EQ(refused.error().why, error::profile_incomplete);
        EXPECT_EQ(refused.error().missing, std::vector<std::string>{"/name"});
        change(who, "name_sealed = ''");
        EXPECT_TRUE(co_await book(s, user(who), fresh_key(), occupancy_id{held->id}));
    });
    EXPECT_EQ(count("booking"), 1);
}

TEST_F(profile_test, is_not_asked_of_astrologers_and_administrators) {
    const user_id other = add_astrologer(), admin = add_user();
    const std::string nothing =
        "name_sealed = null, language = null, city_sealed = null, adult_declared_at = null";
    change(other, nothing);
    change(admin, nothing + ", groups = '{admin}'");
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const auto held = co_await hold(s, other, "astrologer");
        EXPECT_TRUE(held);
        EXPECT_TRUE(co_await release_hold(s, {other, "astrologer", "r"}, occupancy_id{held->id}));
        EXPECT_TRUE(co_await hold(s, admin, "admin"));
    });
}

TEST_F(profile_test, what_was_answered_before_is_answered_again) {
    const user_id who = add_user();
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        const hold_request asked{astrologer, tomorrow(9h), 30};
        const auto first = co_await hold_slot(s, user(who), key("h"), asked);
        change(who, "name_sealed = null");
        EXPECT_EQ((co_await hold_slot(s, user(who), key("h"), asked))->body, first->body);
    });
}

TEST_F(profile_test, adds_no_statement_to_a_hold_or_a_booking) {
    const user_id who = add_user();
    pg::on_statement([](std::string_view, std::chrono::nanoseconds, bool) { ++statements; });
    pg::testing::run(db, [&](pg::client& pg) -> task<void> {
        auto s = service_on(pg);
        statements = 0;
        const auto held = co_await hold(s, who);
        EXPECT_EQ(statements, 2) << "one reads, one writes";
        EXPECT_TRUE(co_await book(s, user(who), fresh_key(), occupancy_id{held->id}));
        EXPECT_EQ(statements, 4);
    });
    pg::on_statement(nullptr);
}

}  // namespace
}  // namespace astrotalk::booking
