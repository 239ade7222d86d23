// A user's own profile: kept sealed, whole or not at all.
#include "identity/administer.hpp"
#include "identity/people_pgtest.hpp"
#include "jobs/sealed_data.hpp"

namespace astrotalk::identity {
namespace {

using namespace testing;

struct profile_test : ::testing::Test {
    pg::testing::database db;
};

profile_draft asha(std::string language = "hi") {
    return {personal("Asha Rao"), std::move(language), personal("Pune"), true};
}

task<bool> save(world& w, user_id id, profile_draft draft) {
    co_return (co_await save_profile(w.people.pg, keys(), id, std::move(draft), "r")).has_value();
}
task<user_profile> profile_of(world& w, user_id id) {
    co_return (co_await find_with_profile(w.people, id)).value().profile;
}

TEST_F(profile_test, is_missing_until_it_is_said) {
    in_a_world(db, [](world& w) -> task<void> {
        const auto id = co_await w.join(a_phone());
        const std::vector<std::string> all{"/name", "/language", "/city", "/adult"};
        EXPECT_EQ((co_await profile_of(w, id)).missing, all);
        EXPECT_TRUE(co_await save(w, id, asha()));
        const auto found = co_await find_with_profile(w.people, id);
        EXPECT_EQ(found->profile.missing, std::vector<std::string>());
        EXPECT_EQ(found->profile.name->reveal(), "Asha Rao");
        EXPECT_EQ(found->profile.language, "hi");
        EXPECT_EQ(found->profile.city->reveal(), "Pune");
        EXPECT_EQ(found->who.name->reveal(), "Asha Rao");
    });
}

TEST_F(profile_test, says_once_when_somebody_declared_to_be_of_age) {
    in_a_world(db, [](world& w) -> task<void> {
        const auto id = co_await w.join(a_phone());
        EXPECT_TRUE(co_await save(w, id, asha()));
        const auto declared = (co_await profile_of(w, id)).adult_declared_at;
        const moved_clock later(std::chrono::hours(1));
        EXPECT_TRUE(co_await save(w, id, asha("en")));
        const auto now = co_await profile_of(w, id);
        EXPECT_EQ(now.adult_declared_at, declared);
        EXPECT_EQ(now.language, "en");
    });
    EXPECT_EQ(db.execute("select count(*) from audit_pending where action = 'profile.change' and "
                         "actor_id = subject_id and detail not like '%Pune%' and detail not like '%Asha%'"),
              "2");
}

TEST_F(profile_test, of_parallel_changes_one_is_kept_whole) {
    in_a_world(db, [](world& w) -> task<void> {
        const auto id = co_await w.join(a_phone());
        const auto change = [&](int i) {
            const auto n = std::to_string(i);
            return save(w, id, {personal("n" + n), i % 2 ? "en" : "hi", personal("c" + n), true});
        };
        EXPECT_EQ(std::ranges::count(co_await in_parallel<bool>(30, change), true), 30);
        const auto kept = co_await profile_of(w, id);
        const auto n = kept.name->reveal().substr(1);
        EXPECT_EQ(kept.city->reveal(), "c" + n);
        EXPECT_EQ(kept.language, std::stoi(n) % 2 ? "en" : "hi");
    });
}

TEST_F(profile_test, is_for_users_who_may_sign_in) {
    in_a_world(db, [this](world& w) -> task<void> {
        const auto astrologer = co_await w.join(a_phone(1), user_kind::astrologer);
        EXPECT_FALSE(co_await save(w, astrologer, asha()));
        EXPECT_EQ((co_await profile_of(w, astrologer)).missing, std::vector<std::string>());
        EXPECT_FALSE(co_await save(w, user_id::make(), asha()));
        const auto id = co_await w.join(a_phone(2));
        db.execute("update pool_user set enabled = false");
        EXPECT_FALSE(co_await save(w, id, asha()));
        EXPECT_FALSE(co_await find_with_profile(w.people, id));
        const auto admin =
            co_await create_admin(w.people.pg, keys(), phone_plan::india(), "+919812312312", "A");
        EXPECT_EQ((co_await profile_of(w, admin)).missing, std::vector<std::string>());
    });
    EXPECT_EQ(db.execute("select count(*) from audit_pending where action = 'profile.change'"), "0");
}

TEST_F(profile_test, is_sealed_for_its_row_and_moves_to_a_new_key) {
    in_a_world(db, [this](world& w) -> task<void> {
        const auto one = co_await w.join(a_phone(1)), other = co_await w.join(a_phone(2));
        EXPECT_TRUE(co_await save(w, one, asha()));
        EXPECT_EQ(
            db.execute("select count(*) from pool_user where position('Pune'::bytea in city_sealed) > 0 "
                       "or position('Asha'::bytea in name_sealed) > 0"),
            "0");
        db.execute("update pool_user u set city_sealed = o.city_sealed from pool_user o where o.id = '" +
                   one.to_string() + "' and u.id = '" + other.to_string() + "'");
        bool opened = true;
        try {
            co_await profile_of(w, other);
        } catch (const std::runtime_error&) {
            opened = false;
        }
        EXPECT_FALSE(opened) << "a value of another row";
        db.execute("update pool_user set city_sealed = null where id = '" + other.to_string() + "'");

        crypto::keyring ring(bytes(32, 1));
        const auto newest = ring.make_data_key();
        EXPECT_TRUE(ring.learn(newest));
        ring.seal_with(newest.id);
        for (const auto& column : sealed_columns())
            if (column.name == "pool_user.city")
                EXPECT_EQ((co_await jobs::reseal(w.people.pg, ring, column)).changed, 1);
        const auto sealed = db.execute(
            "select encode(substring(city_sealed from 2 for 4), 'hex') from "
            "pool_user where city_sealed is not null");
        EXPECT_EQ(sealed, crypto::hex(newest.id));
    });
}

TEST_F(profile_test, goes_with_a_deleted_user) {
    in_a_world(db, [](world& w) -> task<void> {
        const auto id = co_await w.join(a_phone());
        EXPECT_TRUE(co_await save(w, id, asha()));
        EXPECT_TRUE(co_await delete_user(w.people, {.id = id, .phone = {}}, {}));
    });
    EXPECT_EQ(
        db.execute("select count(*) from pool_user where deleted_at is not null and language is null and "
                   "city_sealed is null and adult_declared_at is null"),
        "1");
}

TEST_F(profile_test, codes_come_in_the_language_that_somebody_reads) {
    const auto sign_in = [](world& w, user_id id, std::string_view language) -> task<std::string> {
        EXPECT_TRUE(co_await save(w, id, asha(std::string(language))));
        co_await w.sign_in(a_phone());
        co_return co_await w.last_text();
    };
    constexpr std::string_view hindi = "आपका AstroTalk कोड", english = "is your AstroTalk code";
    in_a_world(db, [&](world& w) -> task<void> {
        const auto id = co_await w.join(a_phone());
        EXPECT_NE((co_await w.last_text()).find(english), std::string::npos) << "nobody knows yet";
        EXPECT_NE((co_await sign_in(w, id, "hi")).find(hindi), std::string::npos);
        EXPECT_NE((co_await sign_in(w, id, "en")).find(english), std::string::npos);
    });
    settings registered;
    registered.registered.template_ids = {{"code.en", "1"}};
    const pg::testing::database other;
    in_a_world(
        other,
        [&](world& w) -> task<void> {
            const auto id = co_await w.join(a_phone());
            EXPECT_NE((co_await sign_in(w, id, "hi")).find(english), std::string::npos) << "not registered";
        },
        registered);
}

}  // namespace
}  // namespace astrotalk::identity
