// What admin operations do to users, and what they hold against requests that are under way.
#include "identity/people_pgtest.hpp"

namespace astrotalk::identity {
namespace {

using namespace testing;

struct administer_test : ::testing::Test {
    pg::testing::database db;
    const administrator by{"AKIATESTTESTTESTTEST", "request"};
};

user_name named(user_id id) { return {.id = id, .phone = {}}; }
user_name named(const phone_number& phone) { return {.id = {}, .phone = phone}; }

task<std::string> token_of(world& w, signed_in in) {
    co_return (co_await issue_tokens(w.people, std::move(in))).access;
}
task<bool> opens(world& w, std::string token) {
    co_await tail_revocations(w.people.pg, w.ended);
    co_return (co_await w.people.tokens.authenticate(w.people.pg, token)).has_value();
}

task<void> create_many(world& w, int first, int count, administrator by) {
    for (int i = first; i < first + count; ++i) {
        const auto made =
            co_await create_user(w.people, {.phone = a_phone(i), .name = {}, .kind = user_kind::user}, by);
        made.value();
    }
}

TEST_F(administer_test, a_created_user_is_confirmed_has_a_wallet_and_signs_in) {
    in_a_world(db, [&](world& w) -> task<void> {
        const created_person asha{.phone = a_phone(1), .name = personal("Asha"), .kind = user_kind::user};
        auto twice = [&](int) { return create_user(w.people, asha, by); };
        const auto results = co_await in_parallel<admin_outcome<known_user>>(8, twice);
        const auto made = std::ranges::count_if(results, [](const auto& r) { return r.has_value(); });
        EXPECT_EQ(made, 1);
        for (const auto& each : results)
            if (!each) EXPECT_EQ(each.error(), admin_error::username_exists);
        const auto in = co_await w.sign_in(a_phone(1));
        EXPECT_EQ(in.who.name->reveal(), "Asha");
        const auto known = (co_await read_user(w.people, named(a_phone(1)), by)).value();
        EXPECT_EQ(known.who.id, in.who.id);
        EXPECT_TRUE(known.confirmed && known.enabled);
        EXPECT_EQ((co_await read_user(w.people, user_name::parse("nobody", phone_plan::india()), by)).error(),
                  admin_error::user_not_found);
    });
    EXPECT_EQ(db.execute("select count(*) || ' ' || sum(bonus) from wallet"), "1 10000");
    EXPECT_EQ(db.execute("select string_agg(action, ',' order by id) from audit_pending where detail like "
                         "'%AKIATESTTESTTESTTEST%'"),
              "user.create,admin.read_user");
}

TEST_F(administer_test, disabling_ends_access_and_enabling_brings_back_only_sign_in) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto id = co_await w.join(a_phone());
        const auto in = co_await w.sign_in(a_phone());
        const auto token = co_await token_of(w, in);
        EXPECT_TRUE(co_await opens(w, token));
        (co_await disable_user(w.people, named(a_phone()), by)).value();
        EXPECT_FALSE(co_await opens(w, token));
        EXPECT_EQ((co_await refresh(w.people, in.refresh_token, "r")).error(), error::token_revoked);
        const moved_clock later(std::chrono::minutes(16));
        (co_await send_code(w.people, a_phone(), code_purpose::sign_in)).value();
        EXPECT_EQ((co_await w.codes()).size(), 2U);  // none for a disabled user
        (co_await enable_user(w.people, named(id), by)).value();
        EXPECT_FALSE(co_await opens(w, token));
        EXPECT_TRUE(co_await opens(w, co_await token_of(w, co_await w.sign_in(a_phone()))));
        (co_await sign_out_user(w.people, named(id), by)).value();
    });
    EXPECT_EQ(db.execute("select string_agg(cause, ',' order by seq) from revocation"),
              "admin_disable,admin_sign_out");
    EXPECT_EQ(db.execute("select count(*) from refresh_family where revoked_at is null"), "0");
}

TEST_F(administer_test, no_sign_in_under_way_survives_disabling) {
    for (int round = 0; round < 12; ++round) {
        pg::testing::database fresh;
        in_a_world(fresh, [&](world& w) -> task<void> {
            const auto id = co_await w.join(a_phone());
            const auto challenge = (co_await send_code(w.people, a_phone(), code_purpose::sign_in)).value();
            const auto code = co_await w.last_code();
            // Both begin at once; which is first is left to chance, and to a moment's head start for either.
            auto race = [&](int which) -> task<bool> {
                const bool head_start = (which == round % 2) == (round % 4 < 2);
                if (!head_start) co_await sleep_for(std::chrono::microseconds(200 * (round / 4)));
                if (which == 1) {
                    const auto done = co_await disable_user(w.people, named(id), by);
                    co_return done.has_value();
                }
                const auto in = co_await answer_code(w.people, a_phone(), challenge, code, "r");
                co_return in.has_value();
            };
            co_await in_parallel<bool>(2, race);
        });
        EXPECT_EQ(fresh.execute("select count(*) from refresh_family where revoked_at is null"), "0");
        EXPECT_EQ(fresh.execute("select count(*) from refresh_family f where not exists "
                                "(select from revocation r where r.family_id = f.id)"),
                  "0");
    }
}

// The race above as it must go, step by step: the sign-in has read the user and not yet committed. By a code,
// and by the session of a confirmation.
TEST_F(administer_test, disabling_waits_for_a_sign_in_and_then_ends_it) {
    for (const bool by_code : {true, false}) {
        pg::testing::database fresh;
        in_a_world(fresh, [&](world& w) -> task<void> {
            const sign_up_request asked{.phone = a_phone(), .name = {}, .request_id = "r"};
            const auto made = (co_await sign_up(w.people, asked)).value();
            const confirmation answer{a_phone(), made.challenge, co_await w.last_code(), "r"};
            auto challenge = (co_await confirm_sign_up(w.people, answer)).value();
            if (by_code) challenge = (co_await send_code(w.people, a_phone(), code_purpose::sign_in)).value();
            const auto code = co_await w.last_code();
            // A sign-in stays here for half a second, when it has locked the user's row.
            fresh.execute(
                "create function slow() returns trigger language plpgsql as "
                "$$ begin perform pg_sleep(0.5); return new; end $$; create trigger slow before insert "
                "on refresh_family for each row execute function slow()");
            auto both = [&](int which) -> task<bool> {
                if (which == 1) {
                    co_await sleep_for(std::chrono::milliseconds(150));
                    co_return (co_await disable_user(w.people, named(made.id), by)).has_value();
                }
                const auto in = by_code ? co_await answer_code(w.people, a_phone(), challenge, code, "r")
                                        : co_await redeem_confirmation(w.people, a_phone(), challenge, "r");
                co_return in.has_value();
            };
            for (const bool done : co_await in_parallel<bool>(2, both)) EXPECT_TRUE(done);
        });
        EXPECT_EQ(fresh.execute("select count(*) || ' ' || count(revoked_at) from refresh_family"), "1 1");
        EXPECT_EQ(fresh.execute("select count(*) from revocation where family_id is not null"), "1");
    }
}

TEST_F(administer_test, a_deleted_user_is_nobody_and_the_phone_is_free) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto id = co_await w.join(a_phone(), user_kind::astrologer);
        const auto in = co_await w.sign_in(a_phone());
        const auto token = co_await token_of(w, in);
        co_await index_phones(w.people.pg, keys());
        db.execute(
            "insert into astrologer (id, display_name, bio, languages, specializations, "
            "experience_years, city, status, chat_price, video_price) values ('" +
            id.to_string() + "', 'Meera', 'bio', '{hi}', '{vedic}', 3, 'Ujjain', 'approved', 600, 900)");
        (co_await add_to_group(w.people, named(id), "support", by)).value();
        (co_await delete_user(w.people, named(id), by)).value();
        EXPECT_FALSE(co_await opens(w, token));
        for (const auto& gone : {named(id), named(a_phone())}) {
            EXPECT_EQ((co_await read_user(w.people, gone, by)).error(), admin_error::user_not_found);
            EXPECT_EQ((co_await enable_user(w.people, gone, by)).error(), admin_error::user_not_found);
        }
        const moved_clock later(std::chrono::minutes(16));
        const auto again = co_await w.join(a_phone());
        EXPECT_NE(again, id);
        EXPECT_TRUE(co_await opens(w, co_await token_of(w, co_await w.sign_in(a_phone()))));
        EXPECT_EQ((co_await list_users(w.people, user_filter(), {}, by)).size(), 1U);
        co_await index_phones(w.people.pg, keys());
    });
    EXPECT_EQ(db.execute("select count(*) from phone_prefix"), "11");
    EXPECT_EQ(
        db.execute("select status || display_name || bio || city || cardinality(languages) from astrologer"),
        "rejectedDeleted0");
    EXPECT_EQ(db.execute("select count(*) from pool_user where deleted_at is not null and not enabled and "
                         "name_sealed is null and groups = '{}' and length(phone_sealed) = 33"),
              "1");
    EXPECT_EQ(db.execute("select count(*) from wallet"), "2");
}

TEST_F(administer_test, nothing_confirms_a_user_who_was_disabled_or_deleted) {
    in_a_world(db, [&](world& w) -> task<void> {
        for (int i = 0; i < 2; ++i) {
            const sign_up_request asked{.phone = a_phone(i), .name = {}, .request_id = "r"};
            const auto made = (co_await sign_up(w.people, asked)).value();
            if (i == 0)
                (co_await disable_user(w.people, named(made.id), by)).value();
            else
                (co_await delete_user(w.people, named(made.id), by)).value();
            const auto done =
                co_await confirm_sign_up(w.people, {a_phone(i), made.challenge, co_await w.last_code(), "r"});
            if (done)
                EXPECT_EQ((co_await redeem_confirmation(w.people, a_phone(i), *done, "r")).error(),
                          error::user_disabled);
        }
    });
    EXPECT_EQ(db.execute("select count(confirmed_at) || ' ' || (select count(*) from wallet) from pool_user"),
              "0 0");
}

// A sign-up that is repeated before confirming gives the row another id.
TEST_F(administer_test, who_signs_up_again_stays_findable_disabled_and_deletable) {
    in_a_world(db, [&](world& w) -> task<void> {
        auto ask = [&]() -> task<user_id> {
            const sign_up_request asked{.phone = a_phone(), .name = {}, .request_id = "r"};
            co_return (co_await sign_up(w.people, asked)).value().id;
        };
        user_filter alike;
        alike.phone_prefix = personal(a_phone().reveal().substr(0, 8));
        const auto first = co_await ask();
        co_await index_phones(w.people.pg, keys());
        const auto second = co_await ask();
        EXPECT_EQ((co_await read_user(w.people, named(first), by)).error(), admin_error::user_not_found);
        EXPECT_EQ((co_await read_user(w.people, named(a_phone()), by))->who.id, second);
        EXPECT_EQ((co_await read_user(w.people, named(second), by))->who.phone.reveal(), a_phone().reveal());
        const auto found = co_await list_users(w.people, alike, {}, by);
        EXPECT_EQ(found.size(), 1U);
        EXPECT_EQ(found.front().who.id, second);
        EXPECT_EQ((co_await create_user(w.people, {.phone = a_phone(), .name = {}}, by)).error(),
                  admin_error::username_exists);
        (co_await disable_user(w.people, named(a_phone()), by)).value();
        const auto third = co_await ask();
        EXPECT_EQ((co_await w.codes()).size(), 2U);  // none for a disabled user
        EXPECT_FALSE((co_await read_user(w.people, named(third), by))->enabled);
        (co_await delete_user(w.people, named(third), by)).value();
        EXPECT_TRUE((co_await list_users(w.people, alike, {}, by)).empty());
        const moved_clock later(std::chrono::minutes(16));
        EXPECT_NE(co_await w.join(a_phone()), third);
        co_await index_phones(w.people.pg, keys());
        EXPECT_EQ((co_await list_users(w.people, alike, {}, by)).size(), 1U);
    });
    EXPECT_EQ(db.execute("select count(*) from phone_prefix"), "11");
}

TEST_F(administer_test, a_phone_is_disabled_however_often_it_signs_up_meanwhile) {
    in_a_world(db, [&](world& w) -> task<void> {
        for (int i = 0; i < 20; ++i) {
            const sign_up_request asked{.phone = a_phone(i), .name = {}, .request_id = "r"};
            (co_await sign_up(w.people, asked)).value();
            auto race = [&](int which) -> task<bool> {
                if (which < 2) co_return (co_await sign_up(w.people, asked)).has_value();
                co_return (co_await disable_user(w.people, named(a_phone(i)), by)).has_value();
            };
            for (const bool done : co_await in_parallel<bool>(3, race)) EXPECT_TRUE(done);
        }
    });
    EXPECT_EQ(db.execute("select count(*) from pool_user where enabled"), "0");
}

TEST_F(administer_test, parallel_changes_of_groups_lose_nothing) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto id = co_await w.join(a_phone());
        for (int i = 0; i < 20; ++i) {
            const created_group made{.name = fmt::format("g{:02}", i), .description = {}, .precedence = {}};
            (co_await create_group(w.people, made, by)).value();
        }
        for (int i = 0; i < 10; ++i)
            (co_await add_to_group(w.people, named(id), fmt::format("g{:02}", i), by)).value();
        // The first ten go while the second ten come.
        auto change = [&](int i) {
            const auto name = fmt::format("g{:02}", i);
            return i < 10 ? remove_from_group(w.people, named(id), name, by)
                          : add_to_group(w.people, named(id), name, by);
        };
        for (const auto& each : co_await in_parallel<admin_outcome<void>>(20, change)) each.value();
        std::vector<std::string> expected;
        for (int i = 10; i < 20; ++i) expected.push_back(fmt::format("g{:02}", i));
        EXPECT_EQ((co_await read_user(w.people, named(id), by))->who.groups, expected);
        EXPECT_EQ((co_await add_to_group(w.people, named(id), "nosuch", by)).error(),
                  admin_error::group_not_found);
    });
}

TEST_F(administer_test, a_right_bites_at_once_when_given_and_when_taken) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto id = co_await w.join(a_phone());
        const auto in = co_await w.sign_in(a_phone());
        const auto before = co_await token_of(w, in);
        EXPECT_TRUE(co_await opens(w, before));
        co_await sleep_for(std::chrono::milliseconds(2));
        (co_await add_to_group(w.people, named(id), "admin", by)).value();
        EXPECT_FALSE(co_await opens(w, before));
        co_await sleep_for(std::chrono::milliseconds(2));  // ids tell time by the millisecond
        const auto next = (co_await refresh(w.people, in.refresh_token, "r")).value();
        EXPECT_EQ(next.who.groups, std::vector<std::string>{"admin"});
        const auto with = co_await token_of(w, next);
        EXPECT_TRUE(co_await opens(w, with));
        (co_await remove_from_group(w.people, named(id), "admin", by)).value();
        EXPECT_FALSE(co_await opens(w, with));
        EXPECT_FALSE(co_await opens(w, co_await token_of(w, next)));  // made from what was read before
        EXPECT_FALSE(co_await refresh(w.people, next.refresh_token, "r"));
    });
}

TEST_F(administer_test, attributes_change_and_what_staff_decide_begins_anew) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto id = co_await w.join(a_phone());
        const auto token = co_await token_of(w, co_await w.sign_in(a_phone()));
        attribute_changes to{.name = std::optional(personal("Meera")), .kind = {}};
        (co_await update_user(w.people, named(id), to, by)).value();
        EXPECT_TRUE(co_await opens(w, token));
        to = {.name = std::optional<personal>(), .kind = user_kind::astrologer};
        (co_await update_user(w.people, named(id), to, by)).value();
        EXPECT_FALSE(co_await opens(w, token));
        const auto known = (co_await read_user(w.people, named(id), by)).value();
        EXPECT_FALSE(known.who.name);
        EXPECT_EQ(known.who.profile_status, "pending");
        EXPECT_EQ(known.who.kyc_status, "not_started");
        db.execute(
            "insert into astrologer (id, display_name, bio, languages, specializations, "
            "experience_years, city) values ('" +
            id.to_string() + "', 'Meera', '', '{}', '{}', 3, '')");
        to = {.name = {}, .kind = user_kind::user};
        EXPECT_EQ((co_await update_user(w.people, named(id), to, by)).error(), admin_error::has_profile);
        EXPECT_EQ((co_await read_user(w.people, named(id), by))->who.user_type, "astrologer");
    });
}

TEST_F(administer_test, phones_are_found_by_how_they_begin) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await create_many(w, 10, 70, by);  // +919800000010 to …079
        auto find = [&](std::string prefix) -> task<std::size_t> {
            user_filter whom;
            whom.phone_prefix = personal(std::move(prefix));
            co_return (co_await list_users(w.people, whom, {}, by)).size();
        };
        EXPECT_EQ(co_await find("+91980000001"), 0U);
        co_await index_phones(w.people.pg, keys());
        EXPECT_EQ(co_await find("+91980000001"), 10U);
        EXPECT_EQ(co_await find("+9198"), 61U);  // a page, and the one that says there are more
        EXPECT_EQ(co_await find("+9199"), 0U);
        // A new phone of somebody who is indexed: found by it, and no longer by the old one.
        const bytes moved = hash_of(keys(), a_phone(20'000'000));
        const auto id = (co_await read_user(w.people, named(a_phone(10)), by))->who.id;
        db.execute(fmt::format(
            "update pool_user set phone_hash = '\\x{}', phone_sealed = '\\x{}' where id = '{}'",
            crypto::hex(moved), crypto::hex(seal_phone(keys(), id, a_phone(20'000'000))), id.to_string()));
        EXPECT_EQ(co_await find("+91980000001"), 9U);
        co_await index_phones(w.people.pg, keys());
        EXPECT_EQ(co_await find("+91982"), 1U);
        auto index = [&](int) -> task<bool> {
            co_await index_phones(w.people.pg, keys());
            co_return true;
        };
        db.execute("update pool_user set phone_indexed = false");
        co_await in_parallel<bool>(4, index);
        EXPECT_EQ(db.execute("select count(*) from pool_user where not phone_indexed"), "0");
    });
    EXPECT_EQ(db.execute("select count(*) from phone_prefix"), "770");
}

TEST_F(administer_test, pages_are_whole_and_without_repetition) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await create_many(w, 0, 25, by);
        (co_await disable_user(w.people, named(a_phone(3)), by)).value();
        std::vector<user_id> seen;
        page which{.after = {}, .most = 10};
        for (;;) {
            auto found = co_await list_users(w.people, user_filter(), which, by);
            const bool more = found.size() > 10;
            if (more) found.resize(10);
            for (const auto& each : found) seen.push_back(each.who.id);
            if (!more) break;
            which.after = seen.back().to_string();
        }
        EXPECT_EQ(seen.size(), 25U);
        EXPECT_TRUE(std::ranges::is_sorted(seen, std::greater<>()));
        user_filter disabled;
        disabled.enabled = false;
        const auto found = co_await list_users(w.people, disabled, {}, by);
        EXPECT_EQ(found.size(), 1U);
        EXPECT_EQ(found.front().who.phone.reveal(), a_phone(3).reveal());
    });
}

}  // namespace
}  // namespace astrotalk::identity
