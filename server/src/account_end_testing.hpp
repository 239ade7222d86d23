// What waits while an account ends, and what it did. For tests.
#pragma once

#include <gtest/gtest.h>

#include "core/loop.hpp"
#include "identity/queries.hpp"
#include "personal_data.hpp"
#include "pg/testing.hpp"

namespace astrotalk::testing {

using namespace std::chrono_literals;
using pg::testing::database;

inline constexpr pg::statement add_person{
    "test.add_person",
    "insert into pool_user (id, phone_hash, phone_sealed, user_type, kyc_status, "
    "profile_status, confirmed_at) values ($1, sha256($1::text::bytea), 'sealed', "
    "'astrologer', 'not_started', 'pending', app_now())",
    1};
inline constexpr pg::statement add_profile{
    "test.add_profile",
    "insert into astrologer (id, display_name, bio, languages, specializations, experience_years, city, "
    "legal_name_sealed) values ($1, 'Asha', 'Reads charts', '{hi}', '{vedic}', 9, 'Pune', 'sealed')",
    1};
inline constexpr pg::statement add_family{
    "test.add_family",
    "insert into refresh_family (id, user_id, client_id, auth_time, expires_at) "
    "select $1, $2, id, app_now(), app_now() + interval '1 day' from app_client limit 1",
    2};
inline constexpr pg::statement add_token{
    "test.add_token",
    "insert into refresh_token (hash, family_id, seen_at, seen_sealed) values ($1, $2, "
    "app_now() - interval '1 hour', 'sealed')",
    2};

struct person {
    uuid id = uuid::v7(), family = uuid::v7();
    bytes token = bytes(32, 7);
};

// Somebody's account, while it ends. The order is that of identity::forget.
struct ending {
    database db;
    event locked;

    explicit ending() {
        db.execute(
            "insert into user_pool (id, region, issuer, identity_pool_id) values ('p', 'r', 'i', 'x');"
            "insert into app_client (id, pool_id, name) values ('c', 'p', 'apps')");
    }

    task<void> end(pg::client& pg, const person& who) {
        co_await pg.transact([&](pg::transaction& t) -> task<void> {
            co_await t.query<uuid>(identity::sql::lock_profile, who.id);
            co_await t.query<uuid>(identity::sql::lock_user, who.id, bytes{});
            co_await t.execute(identity::sql::end_all_families, who.id, "test");
            locked.set();
            while (!db.has_waiter()) co_await sleep_for(1ms);
            for (const auto& folder : all_personal_data())
                for (const auto& each : folder.classes)
                    if (each.erase) co_await t.execute(*each.erase, who.id);
            co_await t.execute(identity::sql::forget_profile, who.id);
            co_await t.execute(identity::sql::forget_user, who.id, bytes(32, 9), bytes{});
        });
    }

    // What `request` did, which began while the account was ending: "refused", "nothing", or "stored".
    // `before` makes what is there by then.
    using preparation = std::function<task<void>(pg::client&, const person&)>;
    template <class F>
    std::string meanwhile(F request, bool with_profile = true, const preparation& before = {}) {
        std::string did;
        pg::testing::run(db, [&](pg::client& pg) -> task<void> {
            const person who;
            co_await pg.execute(add_person, who.id);
            if (with_profile) co_await pg.execute(add_profile, who.id);
            co_await pg.execute(add_family, who.family, who.id);
            co_await pg.execute(add_token, who.token, who.family);
            if (before) co_await before(pg, who);
            event over;
            auto ends = [&]() -> task<void> {
                co_await end(pg, who);
                over.set();
            };
            spawn(ends());
            EXPECT_TRUE(co_await locked.wait_for(60s));
            try {
                did = co_await request(pg, who) == 0 ? "nothing" : "stored";
            } catch (const pg::error& e) {
                did = e.constraint() == "account_ended" ? "refused" : e.what();
            }
            EXPECT_TRUE(co_await over.wait_for(60s));
        });
        return did;
    }
    std::string rows(const std::string& table) const { return db.execute("select count(*) from " + table); }
};

struct account_end : ::testing::Test {
    ending ends;
};

}  // namespace astrotalk::testing
