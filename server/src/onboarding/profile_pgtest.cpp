#include <gtest/gtest.h>

#include "onboarding/onboarding.hpp"
#include "onboarding/queries.hpp"
#include "pg/testing.hpp"

namespace astrotalk::onboarding {
namespace {

namespace testing = pg::testing;

const crypto::keyring& keys() {
    static const crypto::keyring made(bytes(32, 7));
    return made;
}

user_id sign_up(const testing::database& db, const std::string& user_type = "astrologer") {
    const auto id = user_id::make();
    db.execute("insert into pool_user (id, phone_hash, phone_sealed, confirmed_at, user_type) values ('" +
               id.to_string() + "', '" + id.to_string() + "', '', app_now(), '" + user_type + "')");
    return id;
}

profile_draft whole() {
    profile_draft draft{"आनंद शास्त्री", "बीस वर्ष का अनुभव", {"hi", "en"}, {"vedic"}, 20, ""};
    draft.city = "वाराणसी";
    return draft;
}

std::string audited(const testing::database& db) {
    return db.execute("select string_agg(action, ' ' order by id) from audit_pending");
}

TEST(onboarding_sql, fits_the_schema) {
    testing::database db;
    EXPECT_EQ(testing::prepare_all(db, sql::all), std::vector<std::string>{});
}

TEST(profile, is_written_submitted_and_kept) {
    testing::database db;
    const auto id = sign_up(db);
    testing::run(db, [&](pg::client& pg) -> task<void> {
        EXPECT_FALSE(co_await find_profile(pg, id));
        const auto saved = co_await save_profile(pg, keys(), id, whole(), "r1");
        EXPECT_TRUE(saved.has_value());
        EXPECT_EQ(saved->status, "draft");
        EXPECT_EQ(saved->display_name, "आनंद शास्त्री");
        EXPECT_EQ(saved->languages, (std::vector<std::string>{"hi", "en"}));
        EXPECT_EQ(saved->prices, channel_prices());

        const auto submitted = co_await submit_profile(pg, id, "r2");
        EXPECT_TRUE(submitted.has_value());
        EXPECT_EQ(submitted->status, "pending");
        EXPECT_TRUE(submitted->submitted_at);
        const auto again = co_await submit_profile(pg, id, "r3");
        EXPECT_EQ(again.error().code, error::already_submitted);

        const auto found = co_await find_profile(pg, id);
        EXPECT_EQ(found->status, "pending");
    });
    EXPECT_EQ(db.execute("select profile_status from pool_user"), "pending");
    EXPECT_EQ(audited(db), "profile.change profile.submit");
    EXPECT_EQ(
        db.execute(
            "select count(*) from audit_pending where actor_id = subject_id and request_id in ('r1', 'r2')"),
        "2");
}

TEST(profile, half_written_is_a_draft_and_no_more) {
    testing::database db;
    const auto id = sign_up(db);
    testing::run(db, [&](pg::client& pg) -> task<void> {
        const auto nothing = co_await submit_profile(pg, id, "");
        EXPECT_EQ(nothing.error().code, error::profile_incomplete);
        EXPECT_EQ(nothing.error().missing.size(), 4u);

        auto draft = whole();
        draft.bio.clear();
        EXPECT_TRUE((co_await save_profile(pg, keys(), id, draft, "")).has_value());
        const auto refused = co_await submit_profile(pg, id, "");
        EXPECT_EQ(refused.error().code, error::profile_incomplete);
        EXPECT_EQ(refused.error().missing.front().first, "/bio");

        EXPECT_TRUE((co_await save_profile(pg, keys(), id, whole(), "")).has_value());
        EXPECT_TRUE((co_await submit_profile(pg, id, "")).has_value());
        const auto emptied = co_await save_profile(pg, keys(), id, draft, "");
        EXPECT_EQ(emptied.error().code, error::profile_incomplete) << "what is judged stays whole";
        EXPECT_EQ(emptied.error().missing.size(), 1u);
    });
    EXPECT_EQ(db.execute("select bio from astrologer"), "बीस वर्ष का अनुभव");
    EXPECT_EQ(audited(db), "profile.change profile.change privacy.correct profile.submit")
        << "a refused change leaves no trace of one";
}

TEST(profile, has_prices_and_their_changes_are_audited) {
    testing::database db;
    const auto id = sign_up(db);
    testing::run(db, [&](pg::client& pg) -> task<void> {
        const channel_prices first{money{2500}, money{4000}, {}}, second{money{3000}, {}, {}};
        const auto early = co_await set_prices(pg, id, first, "");
        EXPECT_EQ(early.error().code, error::profile_incomplete);
        co_await save_profile(pg, keys(), id, whole(), "");
        EXPECT_EQ((co_await set_prices(pg, id, first, ""))->prices, first);
        EXPECT_TRUE((co_await pg.read_one<progress>(sql::read_steps, id))->price);
        EXPECT_EQ((co_await set_prices(pg, id, second, ""))->prices, second) << "who is left out is off";
        EXPECT_TRUE((co_await pg.read_one<progress>(sql::read_steps, id))->price) << "one is enough";
        EXPECT_EQ((co_await set_prices(pg, id, {}, ""))->prices, channel_prices());
        EXPECT_FALSE((co_await pg.read_one<progress>(sql::read_steps, id))->price);
    });
    EXPECT_EQ(
        db.execute(
            "select string_agg(detail, ',' order by id) from audit_pending where action = 'price.change'"),
        R"({"from":{},"to":{"chat_price":2500,"call_price":4000}},)"
        R"({"from":{"chat_price":2500,"call_price":4000},"to":{"chat_price":3000}},)"
        R"({"from":{"chat_price":3000},"to":{}})");
}

TEST(hours, come_back_merged) {
    testing::database db;
    const auto id = sign_up(db);
    const availability sent{
        "Asia/Kolkata", {{1, "12:00", "13:00"}, {1, "09:00", "12:00"}, {7, "22:00", "24:00"}}, 5, 10, 60, 14};
    testing::run(db, [&](pg::client& pg) -> task<void> {
        EXPECT_FALSE(co_await find_availability(pg, id));
        const auto early = co_await set_availability(pg, id, sent, "");
        EXPECT_EQ(early.error().code, error::profile_incomplete);
        co_await save_profile(pg, keys(), id, whole(), "");

        const auto fresh = co_await find_availability(pg, id);
        EXPECT_EQ(fresh->zone, "Asia/Kolkata");
        EXPECT_TRUE(fresh->weekly.empty());

        const auto set = co_await set_availability(pg, id, sent, "");
        EXPECT_EQ(set->weekly, (std::vector<weekly_rule>{{1, "09:00", "13:00"}, {7, "22:00", "24:00"}}));
        EXPECT_EQ(set->buffer_after, 10);
        const auto found = co_await find_availability(pg, id);
        EXPECT_EQ(found->weekly, set->weekly);
        EXPECT_EQ(found->window_days, 14);

        availability full = sent;
        full.breaks.emplace({weekly_rule{1, "10:00", "10:30"}, weekly_rule{1, "10:30", "11:00"}});
        full.slot_interval = 30;
        full.lengths = {30, 60};
        full.free_minutes = 5;
        full.daily_cap = 3;
        co_await set_availability(pg, id, full, "");
        const auto more = co_await find_availability(pg, id);
        EXPECT_EQ(more->breaks, (std::vector<weekly_rule>{{1, "10:00", "11:00"}}));
        EXPECT_EQ(more->slot_interval, 30);
        EXPECT_EQ(more->lengths, (std::vector<std::int32_t>{30, 60}));
        EXPECT_EQ(more->free_minutes, 5);
        EXPECT_EQ(more->daily_cap, 3);
        EXPECT_EQ(more->weekly_cap, std::nullopt);
        co_await set_availability(pg, id, sent, "");
        EXPECT_EQ((co_await find_availability(pg, id))->daily_cap, std::nullopt) << "a PUT says all there is";
    });
    EXPECT_EQ(db.execute("select weekly::text from astrologer"), "{540,780,9960,10080}");
    EXPECT_EQ(
        db.execute(
            "select detail from audit_pending where action = 'availability.change' order by id limit 1"),
        R"({"zone" : "Asia/Kolkata", "weekly" : [540,780,9960,10080], "breaks" : [], )"
        R"("lengths" : [15,30,45,60], "slotInterval" : 15, "freeMinutes" : null, "dailyCap" : null, )"
        R"("weeklyCap" : null})");
}

// What, when and by whom, and no value; nothing for what was said first or said again.
TEST(profile, section_12_a_correction_is_certified_in_its_own_transaction) {
    testing::database db;
    const auto id = sign_up(db);
    testing::run(db, [&](pg::client& pg) -> task<void> {
        co_await save_profile(pg, keys(), id, whole(), "");
        co_await save_profile(pg, keys(), id, whole(), "");
        EXPECT_EQ(db.execute("select count(*) from certificate"), "0");
        auto draft = whole();
        draft.bio = "tarot since 2001";
        draft.languages = {"en"};
        co_await save_profile(pg, keys(), id, draft, "r7");
        // Refused: an approved profile does not become incomplete, and is not certified.
        db.execute(
            "update astrologer set status = 'approved', submitted_at = app_now(), decided_at = app_now()");
        draft.bio = "";
        EXPECT_FALSE((co_await save_profile(pg, keys(), id, draft, "")).has_value());
    });
    EXPECT_EQ(db.execute("select (content::json -> 'fields')::text || (content::json ->> 'dataClass') || "
                         "(content::json ->> 'by') || (subject_id = '" +
                         id.to_string() + "') from certificate"),
              R"(["bio","languages"]onboarding.profileastrologertrue)");
    EXPECT_EQ(
        db.execute("select string_agg(action, ' ' order by id) from audit_pending where request_id = 'r7'"),
        "profile.change privacy.correct");
    EXPECT_EQ(db.execute("select count(*) from certificate where content like '%tarot%'"), "0");
}

}  // namespace
}  // namespace astrotalk::onboarding
