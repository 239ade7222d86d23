#include <gtest/gtest.h>

#include "intake/intake.hpp"
#include "intake/queries.hpp"
#include "pg/testing.hpp"

namespace astrotalk::intake {
namespace {

using namespace std::chrono_literals;

constexpr const char* name = "Asha Unmistakable";

struct intake_test : testing::Test {
    pg::testing::database db;
    crypto::keyring keys{bytes(32, 7)};
    user_id user = add_person("user"), other = add_person("user"), astrologer = add_person("astrologer"),
            stranger = add_person("astrologer"), staff = add_person("user");
    booking_id booking = add_booking();

    static std::string quoted(user_id id) { return "'" + id.to_string() + "'"; }
    user_id add_person(const char* type) {
        const auto id = user_id::make();
        db.execute("insert into pool_user (id, phone_hash, phone_sealed, confirmed_at, user_type) values (" +
                   quoted(id) + ", sha256(" + quoted(id) + "), '', app_now(), '" + type + "')");
        return id;
    }
    // At another time: nobody is in two places.
    booking_id add_booking_after() { return add_booking("[2030-01-03,2030-01-04)"); }
    booking_id add_booking(const std::string& span = "[2030-01-01,2030-01-02)") {
        const auto id = booking_id::make();
        const auto taken = "'" + uuid::v7().to_string() + "'", money = "'" + uuid::v7().to_string() + "'";
        db.execute(
            "insert into astrologer (id, display_name, bio, languages, specializations, "
            "experience_years, city) values (" +
            quoted(astrologer) +
            ", 'Meera', 'b', '{hi}', '{vedic}', 5, 'Pune') on conflict do nothing; "
            "insert into wallet (owner_id) values (" +
            quoted(user) +
            ") on conflict do nothing; "
            "insert into wallet_hold (id, owner_id, cash, bonus) values (" +
            money + ", " + quoted(user) +
            ", 1, 0); insert into occupancy (id, astrologer_id, user_id, kind, span, blocked, channel, "
            "price_per_minute) values (" +
            taken + ", " + quoted(astrologer) + ", " + quoted(user) + ", 'booking', '" + span + "', '" +
            span +
            "', 'chat', 1); insert into "
            "booking (id, occupancy_id, wallet_hold_id, user_id, astrologer_id, starts_at, ends_at, "
            "channel, price_per_minute, price) values ('" +
            id.to_string() + "', " + taken + ", " + money + ", " + quoted(user) + ", " + quoted(astrologer) +
            ", app_now() + interval '1 hour', app_now() "
            "+ interval '90 minutes', 'chat', 1, 30)");
        return id;
    }
    static birth born(const char* who = name) {
        birth b;
        b.name = personal(who);
        b.birth_date = personal("1990-02-28");
        b.birth_time = personal("06:40");
        b.place = {personal("Ujjain"), 23.18, 75.77, "Asia/Kolkata"};
        return b;
    }
    template <class F>
    void with_service(F body) {
        pg::testing::run(db, [&](pg::client& pg) -> task<void> {
            service s{pg, keys};
            co_await body(s);
        });
    }
    std::string count(const std::string& from) { return db.execute("select count(*) from " + from); }
};

writer by(user_id who) { return {who, "a-test"}; }

TEST_F(intake_test, statements_fit_the_schema) {
    for (const auto& fault : pg::testing::prepare_all(db, sql::all)) ADD_FAILURE() << fault;
}

TEST_F(intake_test, profiles_are_their_owners_and_are_sealed) {
    with_service([&](service& s) -> task<void> {
        const auto made = co_await add_birth_profile(s, by(user), born());
        const auto all = co_await list_birth_profiles(s, user);
        EXPECT_EQ(all.size(), 1u);
        EXPECT_EQ(all.at(0).birth.name.reveal(), name);
        EXPECT_EQ(all.at(0).id, made->id);
        EXPECT_TRUE((co_await list_birth_profiles(s, other)).empty());
        EXPECT_EQ((co_await change_birth_profile(s, by(other), made->id, born("Eve"))).error(),
                  error::profile_not_found);
        EXPECT_FALSE(co_await remove_birth_profile(s, by(other), made->id));
        EXPECT_EQ((co_await change_birth_profile(s, by(user), made->id, born("Asha R")))->birth.name.reveal(),
                  "Asha R");
        EXPECT_TRUE(co_await remove_birth_profile(s, by(user), made->id));
        EXPECT_FALSE(co_await remove_birth_profile(s, by(user), made->id));
        co_await add_birth_profile(s, by(user), born());
    });
    EXPECT_EQ(db.execute("select position('Unmistakable'::bytea in details_sealed) from birth_profile"), "0");
    EXPECT_EQ(db.execute("select string_agg(action, ' ' order by id) from audit_pending"),
              "birth_profile.add birth_profile.change birth_profile.remove birth_profile.add");
}

TEST_F(intake_test, of_forty_at_once_ten_are_kept) {
    with_service([&](service& s) -> task<void> {
        int left = 40, made = 0, refused = 0;
        event done;
        auto one = [&]() -> task<void> {
            const auto got = co_await add_birth_profile(s, by(user), born());
            if (got)
                ++made;
            else if (got.error() == error::too_many_profiles)
                ++refused;
            if (--left == 0) done.set();
        };
        for (int i = 0; i < 40; ++i) spawn(one());
        co_await done.wait_for(30s);
        EXPECT_EQ(made, 10);
        EXPECT_EQ(refused, 30);
        const auto all = co_await list_birth_profiles(s, user);
        EXPECT_TRUE(co_await remove_birth_profile(s, by(user), all.at(4).id));
        EXPECT_TRUE(co_await add_birth_profile(s, by(user), born())) << "its slot is free again";
    });
    EXPECT_EQ(count("birth_profile"), "10");
}

TEST_F(intake_test, a_booking_has_its_own_copy) {
    with_service([&](service& s) -> task<void> {
        const auto made = co_await add_birth_profile(s, by(user), born());
        const auto given = co_await attach_intake(s, by(user), booking, made->id, personal("When?"));
        EXPECT_EQ(given->birth->name.reveal(), name);
        co_await remove_birth_profile(s, by(user), made->id);
        const auto seen = co_await read_intake(s, astrologer, booking);
        EXPECT_EQ(seen->birth->name.reveal(), name);
        EXPECT_EQ(seen->question->reveal(), "When?");
        EXPECT_EQ((co_await attach_intake(s, by(user), booking, made->id, {})).error(),
                  error::profile_not_found);
        const auto less = co_await attach_intake(s, by(user), booking, {}, personal("Where?"));
        EXPECT_FALSE(less->birth) << "what is left out is taken back";
        EXPECT_EQ((co_await read_intake(s, user, booking))->question->reveal(), "Where?");
    });
    EXPECT_EQ(db.execute("select position('Where'::bytea in question_sealed) from intake"), "0");
}

TEST_F(intake_test, it_is_for_its_two_sides_and_with_a_reason_for_staff) {
    with_service([&](service& s) -> task<void> {
        EXPECT_EQ((co_await read_intake(s, user, booking)).error(), error::intake_not_found);
        const auto theirs = co_await add_birth_profile(s, by(other), born());
        EXPECT_EQ((co_await attach_intake(s, by(user), booking, theirs->id, {})).error(),
                  error::profile_not_found);
        EXPECT_EQ((co_await attach_intake(s, by(astrologer), booking, {}, personal("?"))).error(),
                  error::booking_not_found);
        EXPECT_TRUE(co_await attach_intake(s, by(user), booking, {}, personal("When?")));
        for (const auto who : {other, stranger, staff})
            EXPECT_EQ((co_await read_intake(s, who, booking)).error(), error::booking_not_found);
        const auto read = co_await read_intake_for_staff(s, {staff, "support", "a complaint", "r"}, booking);
        EXPECT_EQ(read->question->reveal(), "When?");
        EXPECT_FALSE(co_await read_intake_for_staff(s, {staff, "support", "why", "r"}, booking_id::make()));
    });
    EXPECT_EQ(
        db.execute("select actor_role || ' ' || reason || ' ' || detail from audit_pending where action "
                   "= 'admin.read_intake'"),
        "support a complaint {\"user\" : \"" + user.to_string() + "\"}");
}

TEST_F(intake_test, the_astrologer_sees_it_until_three_days_after_the_end_and_never_when_cancelled) {
    with_service([&](service& s) -> task<void> {
        co_await attach_intake(s, by(user), booking, {}, personal("When?"));
        db.execute(
            "update booking set starts_at = app_now() - interval '72 hours', ends_at = app_now() - "
            "interval '71 hours 59 minutes', state = 'completed'");
        EXPECT_TRUE(co_await read_intake(s, astrologer, booking));
        db.execute("update booking set ends_at = app_now() - interval '72 hours'");
        EXPECT_EQ((co_await read_intake(s, astrologer, booking)).error(), error::intake_not_found);
        EXPECT_TRUE(co_await read_intake(s, user, booking));
        EXPECT_EQ((co_await attach_intake(s, by(user), booking, {}, personal("?"))).error(), error::too_late);
    });
    const auto second = add_booking_after();
    with_service([&](service& s) -> task<void> {
        co_await attach_intake(s, by(user), second, {}, personal("When?"));
        db.execute(
            "update booking set state = 'cancelled', cancelled_by = 'user', cancelled_at = app_now() "
            "where id = '" +
            second.to_string() + "'");
        EXPECT_EQ((co_await read_intake(s, astrologer, second)).error(), error::intake_not_found);
        EXPECT_TRUE(co_await read_intake(s, user, second));
        EXPECT_EQ((co_await attach_intake(s, by(user), second, {}, personal("?"))).error(),
                  error::already_cancelled);
    });
}

// The terms were read while the booking stood; its cancellation commits before what is given is stored.
TEST_F(intake_test, a_cancellation_under_way_refuses_what_waits_for_it) {
    static constexpr pg::statement cancels{
        "test.cancels",
        "update booking set state = 'cancelled', cancelled_by = 'user', cancelled_at = app_now() "
        "where state = 'confirmed'",
        0};
    with_service([&](service& s) -> task<void> {
        std::optional<outcome<given>> got;
        bool begun = false;
        auto give = [&]() -> task<void> {
            got = co_await attach_intake(s, by(user), booking, {}, personal("When?"));
        };
        auto body = [&](pg::transaction& t) -> task<void> {
            co_await t.execute(cancels);
            if (!std::exchange(begun, true)) spawn(give());
            while (!db.has_waiter()) co_await sleep_for(1ms);
        };
        co_await s.pg.transact(body);
        while (!got) co_await sleep_for(1ms);
        EXPECT_EQ(got->error(), error::already_cancelled);
    });
    EXPECT_EQ(count("intake"), "0");
}

// What is being erased meanwhile gets nothing new.
TEST_F(intake_test, an_account_that_ends_meanwhile_keeps_nothing) {
    static constexpr pg::statement locks{"test.locks", "select id from pool_user where id = $1 for update",
                                         1};
    static constexpr pg::statement ends{
        "test.ends", "update pool_user set enabled = false, deleted_at = app_now() where id = $1", 1};
    with_service([&](service& s) -> task<void> {
        std::optional<outcome<given>> got;
        bool begun = false;
        auto give = [&]() -> task<void> {
            got = co_await attach_intake(s, by(user), booking, {}, personal("When?"));
        };
        auto body = [&](pg::transaction& t) -> task<void> {
            co_await t.query<user_id>(locks, user);
            if (!std::exchange(begun, true)) spawn(give());
            while (!db.has_waiter()) co_await sleep_for(1ms);
            co_await t.execute(ends, user);
        };
        co_await s.pg.transact(body);
        while (!got) co_await sleep_for(1ms);
        EXPECT_FALSE(*got);
    });
    EXPECT_EQ(count("intake"), "0");
}

TEST_F(intake_test, what_another_row_was_sealed_for_does_not_open) {
    const auto second = add_booking_after();
    with_service([&](service& s) -> task<void> {
        const auto made = co_await add_birth_profile(s, by(user), born());
        co_await attach_intake(s, by(user), booking, made->id, personal("When?"));
        co_await attach_intake(s, by(user), second, made->id, personal("Where?"));
        db.execute(
            "update intake i set birth_sealed = o.birth_sealed, question_sealed = o.question_sealed "
            "from intake o where o.booking_id <> i.booking_id and i.booking_id = '" +
            second.to_string() + "'");
        const auto seen = co_await read_intake(s, user, second);
        EXPECT_FALSE(seen->birth);
        EXPECT_FALSE(seen->question);
    });
}

}  // namespace
}  // namespace astrotalk::intake
