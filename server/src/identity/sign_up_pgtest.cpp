#include "identity/people_pgtest.hpp"
#include "identity/queries.hpp"
#include "sms/templates.hpp"

namespace astrotalk::identity {
namespace {

using namespace testing;
using std::chrono::minutes;
using std::chrono::seconds;

struct sign_up_test : ::testing::Test {
    pg::testing::database db;
};

TEST_F(sign_up_test, every_statement_prepares) {
    EXPECT_EQ(pg::testing::prepare_all(db, sql::all), std::vector<std::string>{});
}

TEST_F(sign_up_test, the_pool_is_made_once_and_stays) {
    pg::testing::run(db, [&](pg::client& client) -> task<void> {
        pool_options how = options();
        how.access_key_pem = how.id_key_pem = "";
        const auto first = co_await bootstrap(client, keys(), how);
        how.public_origin = "https://elsewhere.example.in";
        const auto again = co_await bootstrap(client, keys(), how);
        EXPECT_EQ(again.id, first.id);
        EXPECT_EQ(again.issuer, "http://127.0.0.1:8080/" + first.id);
        EXPECT_EQ(again.client_id, first.client_id);
        live_pool live;
        live_pool::reader reader(live);
        co_await follow_pool(client, keys(), live);
        const auto generated = reader.get();
        EXPECT_EQ(generated->keys.size(), 2U);
        EXPECT_TRUE(generated->find_client(first.client_id)->main);
        // An operator's own keys replace them; what the old ones signed still verifies.
        co_await bootstrap(client, keys(), options());
        co_await follow_pool(client, keys(), live);
        const auto replaced = reader.get();
        EXPECT_EQ(replaced->keys.size(), 4U);
        for (const auto use : {token_use::access, token_use::id})
            EXPECT_NE(replaced->signer(use, clock::now())->kid(),
                      generated->signer(use, clock::now())->kid());
        co_await bootstrap(client, keys(), options());
        co_await follow_pool(client, keys(), live);
        EXPECT_EQ(reader.get(), replaced);
    });
}

TEST_F(sign_up_test, nodes_that_start_at_once_share_one_pool) {
    pg::testing::run(db, [&](pg::client& client) -> task<void> {
        auto start = [&](int) { return bootstrap(client, keys(), options()); };
        const auto pools = co_await in_parallel<user_pool>(8, start);
        for (const auto& each : pools) EXPECT_EQ(each.client_id, pools.front().client_id);
    });
    EXPECT_EQ(db.execute("select count(*) from user_pool"), "1");
    EXPECT_EQ(db.execute("select count(*) from signing_key where retired_at is null"), "2");
}

TEST_F(sign_up_test, another_master_key_is_refused_plainly) {
    pg::testing::run(db, [&](pg::client& client) -> task<void> {
        co_await bootstrap(client, keys(), options());
        const crypto::keyring others(bytes(32, 9));
        bool refused = false;
        try {
            co_await bootstrap(client, others, options());
            live_pool live;
            co_await follow_pool(client, others, live);
        } catch (const std::runtime_error&) {
            refused = true;
        }
        EXPECT_TRUE(refused);
    });
}

TEST_F(sign_up_test, confirming_makes_a_wallet_with_the_bonus_and_tokens_follow) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto made =
            (co_await sign_up(w.people, {a_phone(), user_kind::user, personal("Asha"), "r1"})).value();
        const confirmation answer{a_phone(), made.challenge, co_await w.last_code(), "r2"};
        const auto session = (co_await confirm_sign_up(w.people, answer)).value();
        const auto in = (co_await redeem_confirmation(w.people, a_phone(), session, "r3")).value();
        EXPECT_EQ(in.who.id, made.id);
        EXPECT_EQ(in.who.phone.reveal(), a_phone().reveal());
        EXPECT_EQ(in.who.name->reveal(), "Asha");
        EXPECT_EQ(in.who.user_type, "user");
        EXPECT_FALSE(in.who.profile_status);
        EXPECT_EQ((co_await redeem_confirmation(w.people, a_phone(), session, "r4")).error(),
                  error::session_ended);
        const auto tokens = co_await issue_tokens(w.people, in);
        const auto who = w.people.tokens.check(tokens.access);
        EXPECT_TRUE(who && who->id == made.id && who->session == in.in.id);
        EXPECT_FALSE(w.people.tokens.check(tokens.id));
    });
    EXPECT_EQ(db.execute("select bonus from wallet"), "10000");
    EXPECT_EQ(db.execute("select string_agg(kind, ',') from journal"), "promotion.welcome");
    EXPECT_EQ(db.execute("select debit_account || '>' || credit_account || ' ' || amount from posting"),
              "promotions>bonus 10000");
    EXPECT_EQ(db.execute("select string_agg(action, ' ' order by action) from audit_pending"),
              "session.start user.confirm user.sign_up wallet.welcome_bonus");
}

TEST_F(sign_up_test, an_astrologer_has_a_wallet_without_a_bonus_and_waits) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto id = co_await w.join(a_phone(), user_kind::astrologer);
        const auto who = (co_await find_with_profile(w.people, id)).value().who;
        EXPECT_EQ(who.user_type, "astrologer");
        EXPECT_EQ(who.profile_status, "pending");
        EXPECT_EQ(who.kyc_status, "not_started");
        EXPECT_TRUE(who.groups.empty());
    });
    EXPECT_EQ(db.execute("select bonus from wallet"), "0");
    EXPECT_EQ(db.execute("select count(*) from journal"), "0");
}

TEST_F(sign_up_test, a_phone_with_an_account_is_answered_like_a_new_one_and_its_owner_told) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto owner = co_await w.join(a_phone());
        const sign_up_request again{a_phone(), user_kind::astrologer, personal("Mallory"), "r"};
        const auto first = (co_await sign_up(w.people, again)).value();
        EXPECT_NE(first.id, owner);
        EXPECT_EQ(co_await w.last_text(), sms::find_template("sign_up_taken.en")->text);
        const auto second = (co_await sign_up(w.people, again)).value();
        EXPECT_NE(second.id, first.id);
        // The same limit as for a new phone: with the code of the owner's own sign-up these were three.
        EXPECT_EQ((co_await sign_up(w.people, again)).error(), error::too_many_codes);
        for (int i = 0; i < 5; ++i) {
            const confirmation guess{a_phone(), second.challenge, secret(fmt::format("{:06}", i)), "r"};
            EXPECT_EQ((co_await confirm_sign_up(w.people, guess)).error(), error::code_mismatch);
        }
        const confirmation late{a_phone(), second.challenge, secret("000005"), "r"};
        EXPECT_EQ((co_await confirm_sign_up(w.people, late)).error(), error::locked_out);
    });
    EXPECT_EQ(db.execute("select user_type || ' ' || (name_sealed is null) from pool_user"), "user true");
    EXPECT_EQ(db.execute("select count(*) from pool_user"), "1");
    EXPECT_EQ(db.execute("select count(*) from audit_pending where action = 'user.sign_up_again'"), "2");
}

TEST_F(sign_up_test, no_code_opens_the_challenge_of_a_phone_with_an_account) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto made = (co_await sign_up(w.people, {a_phone(), user_kind::user, {}, "r"})).value();
        // Even the code that was drawn: everything but the user is there to match it.
        const bytes phone_hash = hash_of(keys(), a_phone());
        const bytes mac = code_mac(keys(), code_purpose::sign_up, phone_hash, secret("123456"));
        db.execute("update challenge set code_mac = '\\x" + crypto::hex(mac) + "' where user_id is null");
        const confirmation right{a_phone(), made.challenge, secret("123456"), "r"};
        EXPECT_EQ((co_await confirm_sign_up(w.people, right)).error(), error::code_mismatch);
    });
    EXPECT_EQ(db.execute("select failures from phone_guard"), "1");
}

TEST_F(sign_up_test, who_confirms_gets_what_they_asked_for) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto first =
            (co_await sign_up(w.people, {a_phone(), user_kind::astrologer, personal("Mallory"), "r"}))
                .value();
        const auto first_code = co_await w.last_code();
        const auto second = (co_await sign_up(w.people, {a_phone(), user_kind::user, {}, "r"})).value();
        EXPECT_NE(first.id, second.id);
        const auto second_code = co_await w.last_code();
        const confirmation old{a_phone(), first.challenge, first_code, "r"};
        EXPECT_EQ((co_await confirm_sign_up(w.people, old)).error(), error::code_expired);
        const confirmation right{a_phone(), std::nullopt, second_code, "r"};
        EXPECT_TRUE(co_await confirm_sign_up(w.people, right));
        const auto who = (co_await find_with_profile(w.people, second.id)).value().who;
        EXPECT_EQ(who.user_type, "user");
        EXPECT_FALSE(who.profile_status);
        EXPECT_FALSE(who.name);
    });
}

TEST_F(sign_up_test, parallel_sign_ups_make_one_user_and_three_codes) {
    in_a_world(db, [&](world& w) -> task<void> {
        auto join = [&](int) { return sign_up(w.people, {a_phone(), user_kind::user, {}, "r"}); };
        const auto results = co_await in_parallel<result<signed_up, send_refusal>>(20, join);
        std::size_t made = 0;
        for (const auto& each : results) {
            made += each.has_value();
            if (!each) EXPECT_EQ(each.error(), error::too_many_codes);
        }
        EXPECT_EQ(made, 3U);
        EXPECT_EQ((co_await w.codes()).size(), 3U);
    });
    EXPECT_EQ(db.execute("select count(*) from pool_user"), "1");
}

TEST_F(sign_up_test, a_hundred_parallel_confirmations_grant_one_bonus) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto made = (co_await sign_up(w.people, {a_phone(), user_kind::user, {}, "r"})).value();
        const auto code = co_await w.last_code();
        auto confirm = [&](int) { return confirm_sign_up(w.people, {a_phone(), made.challenge, code, "r"}); };
        const auto results = co_await in_parallel<outcome<uuid>>(100, confirm);
        EXPECT_EQ(std::ranges::count_if(results, [](const auto& r) { return r.has_value(); }), 1);
    });
    EXPECT_EQ(db.execute("select count(*) || ' ' || sum(bonus) from wallet"), "1 10000");
    EXPECT_EQ(db.execute("select count(*) from journal"), "1");
}

TEST_F(sign_up_test, nothing_personal_is_stored_in_clear) {
    in_a_world(db, [&](world& w) -> task<void> {
        (co_await sign_up(w.people, {a_phone(), user_kind::user, personal("Asha"), "r"})).value();
        co_await w.last_code();
    });
    const auto phone = a_phone().reveal();
    for (const char* table :
         {"pool_user", "challenge", "phone_guard", "outbox", "audit_pending", "send_bucket"}) {
        const std::string rows = db.execute(fmt::format("select string_agg(t::text, ' ') from {} t", table));
        EXPECT_FALSE(rows.empty()) << table;
        for (const auto& clear : {phone, crypto::hex(phone), crypto::hex("Asha")})
            EXPECT_EQ(rows.find(clear), std::string::npos) << table;
    }
}

}  // namespace
}  // namespace astrotalk::identity
