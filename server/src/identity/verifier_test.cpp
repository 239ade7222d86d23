#include <gtest/gtest.h>

#include <thread>

#include "identity/json_object.hpp"
#include "identity/tokens.hpp"
#include "identity/verify.hpp"

namespace astrotalk::identity {
namespace {

const user_pool& pool() {
    static const user_pool shared{.id = "ap-south-1_a1B2c3D4e",
                                  .region = "ap-south-1",
                                  .issuer = "https://auth.example.in/ap-south-1_a1B2c3D4e",
                                  .identity_pool_id = {},
                                  .client_id = "client"};
    return shared;
}

app_client client(std::string id = "client") {
    app_client made;
    made.id = std::move(id);
    return made;
}

// Keys are slow to make, so all tests share two.
const pool_snapshot& snapshot() {
    static const pool_snapshot shared = [] {
        pool_snapshot made;
        made.clients.emplace("client", std::make_shared<const app_client>(client()));
        for (const auto use : {token_use::access, token_use::id})
            made.keys.push_back(
                {std::make_shared<const signing_key>(use, crypto::rsa_key::generate()), {}, {}});
        return made;
    }();
    return shared;
}

const signing_key& key_for(token_use use) { return *snapshot().signer(use, clock::now()); }

struct token_facts {
    std::string issuer = pool().issuer, client = "client", use = "access";
    int lives = 3600;
    bool second_factor = false;
};

std::string claims_with(const token_facts& f) {
    app_client as = client(f.client);
    as.access_seconds = as.id_seconds = f.lives;
    const person who{.id = user_id::make(),
                     .phone = {},
                     .name = {},
                     .user_type = "user",
                     .profile_status = {},
                     .kyc_status = {},
                     .groups = {"admin"},
                     .created_at = {}};
    const session in{family_id::make(), clock::now(), f.second_factor};
    return f.use == "access" ? access_claims(f.issuer, as, who, in, uuid::v7(), clock::now())
                             : id_claims(f.issuer, as, who, in, uuid::v7(), clock::now());
}

std::string signed_by(token_use key, const token_facts& f = {}) { return key_for(key).sign(claims_with(f)); }

std::string with_header(std::string_view header, const std::string& token) {
    return crypto::base64url_encode(header) + token.substr(token.find('.'));
}

class verifier_test : public testing::Test {
  protected:
    revocations ended{std::chrono::hours(1)};
    live_pool live;
    verifier checks{pool(), live, ended};

    verifier_test() { live.publish(std::make_shared<const pool_snapshot>(snapshot())); }
};

TEST_F(verifier_test, a_valid_token_gives_its_holder_again_and_again) {
    const auto token = signed_by(token_use::access);
    for (int i = 0; i < 3; ++i) {
        const auto who = checks.check(token);
        ASSERT_TRUE(who);
        EXPECT_EQ(who->user_type, "user");
        EXPECT_EQ(who->groups, std::vector<std::string>{"admin"});
        EXPECT_EQ(who->client_id, "client");
        EXPECT_FALSE(who->id.value.is_nil());
        EXPECT_FALSE(who->session.value.is_nil());
        EXPECT_FALSE(who->second_factor);
    }
}

TEST_F(verifier_test, a_token_says_whether_its_sign_in_passed_the_second_factor) {
    token_facts facts;
    facts.second_factor = true;
    EXPECT_TRUE(checks.check(signed_by(token_use::access, facts))->second_factor);
}

TEST_F(verifier_test, every_claim_is_checked) {
    EXPECT_FALSE(checks.check(signed_by(token_use::access, {.issuer = "https://auth.example.in"})));
    EXPECT_FALSE(checks.check(signed_by(token_use::access, {.issuer = pool().issuer + "/"})));
    EXPECT_FALSE(checks.check(signed_by(token_use::access, {.client = "another"})));
    EXPECT_FALSE(checks.check(signed_by(token_use::access, {.use = "id"})));
    EXPECT_FALSE(checks.check(signed_by(token_use::access, {.lives = -1})));
    EXPECT_FALSE(checks.check(signed_by(token_use::access, {.lives = 0})));
    EXPECT_FALSE(checks.check(key_for(token_use::access).sign("{}")));
    EXPECT_FALSE(checks.check(key_for(token_use::access).sign("[]")));
}

TEST_F(verifier_test, the_id_tokens_key_does_not_sign_access_tokens) {
    EXPECT_FALSE(checks.check(signed_by(token_use::id)));
    EXPECT_FALSE(checks.check(signed_by(token_use::id, {.use = "id"})));
}

TEST_F(verifier_test, another_key_with_our_kid) {
    const auto token = signed_by(token_use::access);
    const signing_key stranger(token_use::access, crypto::rsa_key::generate());
    const auto ours = fmt::format(R"({{"kid":"{}","alg":"RS256"}})", key_for(token_use::access).kid());
    EXPECT_FALSE(checks.check(stranger.sign(claims_with({}))));
    EXPECT_FALSE(checks.check(with_header(ours, stranger.sign(claims_with({})))));
    EXPECT_TRUE(checks.check(with_header(ours, token)));
}

TEST_F(verifier_test, only_rs256) {
    const auto token = signed_by(token_use::access);
    const auto kid = key_for(token_use::access).kid();
    for (const char* algorithm : {"none", "None", "HS256", "RS512", "PS256", "ES256", ""})
        EXPECT_FALSE(
            checks.check(with_header(fmt::format(R"({{"kid":"{}","alg":"{}"}})", kid, algorithm), token)));
    EXPECT_FALSE(checks.check(with_header(fmt::format(R"({{"kid":"{}"}})", kid), token)));
    EXPECT_FALSE(checks.check(with_header(R"({"alg":"RS256"})", token)));

    // The classic confusion: HMAC under the public key's text.
    const auto header = crypto::base64url_encode(fmt::format(R"({{"kid":"{}","alg":"HS256"}})", kid));
    const auto body = header + "." + crypto::base64url_encode(claims_with({}));
    const auto mac = crypto::hmac_sha256(key_for(token_use::access).public_key().n(), body);
    EXPECT_FALSE(checks.check(body + "." + crypto::base64url_encode(mac)));
    EXPECT_FALSE(checks.check(body + "."));
}

TEST_F(verifier_test, what_is_not_quite_a_token) {
    const auto token = signed_by(token_use::access);
    for (const std::string& bad :
         {std::string(), std::string("."), std::string(".."), std::string("x.y.z"),
          token.substr(0, token.size() - 4), token + "A", token + "=", " " + token,
          token.substr(0, token.rfind('.') + 1), std::string(9000, 'a'), "a." + token})
        EXPECT_FALSE(checks.check(bad)) << bad.substr(0, 40);
    EXPECT_TRUE(checks.check(token));
}

TEST_F(verifier_test, a_remembered_token_still_expires) {
    const auto token = signed_by(token_use::access, {.lives = 2});
    ASSERT_TRUE(checks.check(token));
    clock::advance(std::chrono::seconds(3));
    EXPECT_EQ(checks.check(token).error(), token_fault::expired);
    EXPECT_EQ(checks.check(token + "A").error(), token_fault::not_valid);
    clock::advance(std::chrono::seconds(-3));
}

TEST_F(verifier_test, its_memory_is_bounded_and_loses_no_token_that_is_used) {
    verifier small(pool(), live, ended, 4);
    const auto used = signed_by(token_use::access);
    for (int i = 0; i < 12; ++i) {
        EXPECT_TRUE(small.check(used));
        EXPECT_TRUE(small.check(signed_by(token_use::access)));
    }
}

TEST_F(verifier_test, a_new_snapshot_forgets_what_the_one_before_vouched_for) {
    const auto token = signed_by(token_use::access);
    ASSERT_TRUE(checks.check(token));
    auto rotated = snapshot();
    rotated.keys[0].key = std::make_shared<const signing_key>(token_use::access, crypto::rsa_key::generate());
    live.publish(std::make_shared<const pool_snapshot>(rotated));
    EXPECT_FALSE(checks.check(token));
    live.publish(std::make_shared<const pool_snapshot>(snapshot()));
    ASSERT_TRUE(checks.check(token));
    auto without_client = snapshot();
    without_client.clients.clear();
    live.publish(std::make_shared<const pool_snapshot>(without_client));
    EXPECT_FALSE(checks.check(token));
}

TEST_F(verifier_test, a_key_verifies_before_its_turn_and_a_day_after_it) {
    auto turns = snapshot();
    const instant now = clock::now();
    const auto token = signed_by(token_use::access, {.lives = 1'000'000});
    auto with_turn = [&](instant from, std::optional<instant> retired) {
        turns.keys[0].signs_from = from;
        turns.keys[0].retired_at = retired;
        live.publish(std::make_shared<const pool_snapshot>(turns));
        return checks.check(token).has_value();
    };
    EXPECT_TRUE(with_turn(now + std::chrono::minutes(5), {}));
    EXPECT_TRUE(with_turn(now - std::chrono::hours(48), now - std::chrono::hours(24)));
    EXPECT_FALSE(with_turn(now - std::chrono::hours(48), now - std::chrono::hours(25)));
}

TEST(pool_snapshot, signs_with_the_key_whose_turn_it_is) {
    auto make = [] {
        return std::make_shared<const signing_key>(token_use::id, crypto::rsa_key::generate());
    };
    const instant begin = clock::now();
    const auto hour = std::chrono::hours(1);
    pool_snapshot turns;
    turns.keys = {{make(), begin + 2 * hour, {}}, {make(), begin, begin + 2 * hour}};
    const auto& later = turns.keys[0].key;
    const auto& first = turns.keys[1].key;
    EXPECT_EQ(turns.signer(token_use::id, begin - hour), first);
    EXPECT_EQ(turns.signer(token_use::id, begin), first);
    EXPECT_EQ(turns.signer(token_use::id, begin + 2 * hour - std::chrono::microseconds(1)), first);
    EXPECT_EQ(turns.signer(token_use::id, begin + 2 * hour), later);
    EXPECT_NE(turns.jwks(begin).find(later->kid()), std::string::npos);
    EXPECT_NE(turns.jwks(begin + 26 * hour).find(first->kid()), std::string::npos);
    EXPECT_EQ(turns.jwks(begin + 27 * hour).find(first->kid()), std::string::npos);
}

TEST(live_pool, readers_on_other_threads_never_go_back_and_see_the_newest) {
    live_pool live;
    constexpr std::int64_t newest = 2000;
    auto follow = [&live] {
        live_pool::reader reader(live);
        std::int64_t seen = -1;
        while (seen < newest) {
            const auto now = reader.get()->version;
            if (now < seen) return false;
            seen = now;
        }
        return true;
    };
    bool first = false, second = false;
    std::thread one([&] { first = follow(); }), two([&] { second = follow(); });
    for (std::int64_t version = 0; version <= newest; ++version)
        live.publish(std::make_shared<const pool_snapshot>(
            pool_snapshot{.version = version, .clients = {}, .keys = {}}));
    one.join();
    two.join();
    EXPECT_TRUE(first && second);
    EXPECT_EQ(live.version(), newest);
}

TEST(revocations, by_family_and_by_user) {
    revocations ended(std::chrono::hours(1));
    revocations::reader reader(ended);
    const auto user = user_id::make();
    const auto family = family_id::make(), other = family_id::make();
    const instant now = clock::now();
    EXPECT_FALSE(ended.fresh());
    EXPECT_FALSE(reader.has_ended(user, family, now));
    ended.apply({{user, family, now}}, now, std::chrono::steady_clock::now());
    EXPECT_TRUE(ended.fresh());
    EXPECT_TRUE(reader.has_ended(user, family, now));
    EXPECT_FALSE(reader.has_ended(user, other, now));
    ended.apply({{user, std::nullopt, now}}, now, std::chrono::steady_clock::now());
    EXPECT_TRUE(reader.has_ended(user, other, now));
    EXPECT_FALSE(reader.has_ended(user, other, now + std::chrono::milliseconds(1)));
    EXPECT_FALSE(reader.has_ended(user_id::make(), other, now));
}

TEST(revocations, a_late_reading_is_stale_and_old_entries_are_forgotten) {
    revocations ended(std::chrono::hours(1));
    revocations::reader reader(ended);
    const auto user = user_id::make();
    const auto old = family_id::make(), fresh = family_id::make();
    const instant now = clock::now();
    ended.apply({{user, old, now}}, now, std::chrono::steady_clock::now() - std::chrono::milliseconds(1100));
    EXPECT_FALSE(ended.fresh());
    const instant later = now + std::chrono::hours(2);
    ended.apply({{user, fresh, later}}, later, std::chrono::steady_clock::now());
    EXPECT_FALSE(reader.has_ended(user, old, now));
    EXPECT_TRUE(reader.has_ended(user, fresh, now));
}

TEST(user_pool, publishes_both_keys_under_different_names) {
    const auto jwks = snapshot().jwks(clock::now());
    EXPECT_NE(key_for(token_use::access).kid(), key_for(token_use::id).kid());
    for (const auto& turn : snapshot().keys) EXPECT_NE(jwks.find(turn.key->kid()), std::string::npos);
    EXPECT_NE(pool().discovery().find(pool().issuer + "/.well-known/jwks.json"), std::string::npos);
}

// RFC 7638 §3.1.
TEST(user_pool, kids_are_thumbprints) {
    const auto key = crypto::rsa_public_key::from_jwk(
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
        "BJECPebWKRXjBZCiFV4n3okn"
        "jhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
        "FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6q"
        "MQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-"
        "csFCur-kEgU8awap"
        "JzKnqDKgw",
        "AQAB");
    ASSERT_TRUE(key);
    EXPECT_EQ(thumbprint(*key), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

}  // namespace
}  // namespace astrotalk::identity
