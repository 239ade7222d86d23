#include "identity/app_client.hpp"

#include <gtest/gtest.h>

#include "crypto/crypto.hpp"

namespace astrotalk::identity {
namespace {

app_client confidential() {
    app_client client;
    client.id = "4qcp1hvsuo1afr8pnhkbl6ivch";
    client.name = "server";
    client.secrets = {{secret("new"), {}}, {secret("old"), instant(std::chrono::seconds(1000))}};
    return client;
}

constexpr instant before{std::chrono::seconds(999)}, after{std::chrono::seconds(1000)};

// Computed with OpenSSL: printf 'user@example.comabc' | openssl dgst -sha256 -hmac key -binary | base64
TEST(app_client, secret_hash_is_cognitos) {
    EXPECT_EQ(secret_hash(secret("key"), "user@example.com", "abc"),
              "7nD2ojuwEw5GjiGyr3fi+NSqYjBaTOfbFgkC90bKDcE=");
}

TEST(app_client, an_old_secret_is_good_for_its_time) {
    const auto client = confidential();
    const auto with_new = secret_hash(secret("new"), "+919876543210", client.id);
    const auto with_old = secret_hash(secret("old"), "+919876543210", client.id);
    EXPECT_TRUE(client.accepts_hash("+919876543210", with_new, after));
    EXPECT_TRUE(client.accepts_hash("+919876543210", with_old, before));
    EXPECT_FALSE(client.accepts_hash("+919876543210", with_old, after));
    EXPECT_TRUE(client.accepts_secret("new", after));
    EXPECT_TRUE(client.accepts_secret("old", before));
    EXPECT_FALSE(client.accepts_secret("old", after));
}

TEST(app_client, a_hash_is_for_one_user_and_one_client) {
    const auto client = confidential();
    EXPECT_FALSE(client.accepts_hash("a", std::nullopt, before));
    EXPECT_FALSE(client.accepts_hash("a", "", before));
    EXPECT_FALSE(client.accepts_hash("b", secret_hash(secret("new"), "a", client.id), before));
    EXPECT_FALSE(client.accepts_hash("a", secret_hash(secret("new"), "a", "another"), before));
    EXPECT_FALSE(client.accepts_hash("a", "new", before));
    EXPECT_FALSE(client.accepts_secret(std::nullopt, before));
    EXPECT_FALSE(client.accepts_secret("", before));
    EXPECT_TRUE(app_client().accepts_hash("a", std::nullopt, before));
    EXPECT_TRUE(app_client().accepts_secret(std::nullopt, before));
}

TEST(app_client, settings_that_are_refused) {
    auto faulty = [](auto change) {
        app_client client = confidential();
        EXPECT_TRUE(faults_of(client).empty());
        change(client);
        return faults_of(client).size();
    };
    EXPECT_EQ(faulty([](app_client& c) { c.name.clear(); }), 1U);
    EXPECT_EQ(faulty([](app_client& c) { c.access_seconds = 299; }), 1U);
    EXPECT_EQ(faulty([](app_client& c) { c.id_seconds = 86'401; }), 1U);
    EXPECT_EQ(faulty([](app_client& c) { c.grace_seconds = 61; }), 1U);
    EXPECT_EQ(faulty([](app_client& c) { c.access_seconds = c.id_seconds = c.refresh_seconds = 3599; }), 1U);
    EXPECT_EQ(faulty([](app_client& c) { c.access_seconds = 7200, c.refresh_seconds = 3600; }), 1U);
    EXPECT_EQ(faulty([](app_client& c) { c.flows.clear(); }), 1U);
    EXPECT_EQ(faulty([](app_client& c) { c.flows = {"USER_PASSWORD_AUTH"}; }), 1U);
    EXPECT_EQ(faulty([](app_client& c) { c.flows.emplace_back(flow::refresh_token_auth); }), 1U);
    EXPECT_EQ(faulty([](app_client& c) { c.writable = {"custom:kyc_status", "custom:profile_status"}; }), 2U);
    EXPECT_EQ(faulty([](app_client& c) { c.writable = {"email", "email_verified"}; }), 1U);
    EXPECT_EQ(faulty([](app_client& c) { c.readable = {"password"}; }), 1U);
    EXPECT_EQ(faulty([](app_client& c) {
                  c.rotates = false;
                  c.flows.emplace_back(flow::refresh_token_auth);
              }),
              0U);
}

TEST(app_client, ids_and_secrets_are_random_and_long) {
    EXPECT_EQ(new_client_id().size(), 26U);
    EXPECT_NE(new_client_id(), new_client_id());
    EXPECT_EQ(new_client_secret().reveal().size(), 52U);
    EXPECT_NE(new_client_secret().reveal(), new_client_secret().reveal());
}

}  // namespace
}  // namespace astrotalk::identity
