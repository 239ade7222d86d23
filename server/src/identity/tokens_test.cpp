#include "identity/tokens.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

namespace astrotalk::identity {
namespace {

namespace json = boost::json;

const crypto::keyring& keys() {
    static const crypto::keyring ring(bytes(32, 1));
    return ring;
}

const std::string issuer = "http://127.0.0.1:8080/ap-south-1_a1B2c3D4e";

app_client client() {
    app_client made;
    made.id = "client";
    return made;
}

person astrologer() {
    return {.id = user_id::make(),
            .phone = personal("+919876543210"),
            .name = personal("Asha \"A\""),
            .user_type = "astrologer",
            .profile_status = "approved",
            .kyc_status = "not_started",
            .groups = {"astrologer"},
            .created_at = {}};
}

std::string text(const json::object& claims, std::string_view name) {
    return json::value_to<std::string>(claims.at(name));
}

TEST(claims, of_an_access_token) {
    const person who = astrologer();
    const session in{family_id::make(), instant(std::chrono::seconds(1'700'000'000))};
    const uuid event = uuid::v7();
    const auto claims = json::parse(access_claims(issuer, client(), who, in, event,
                                                  instant(std::chrono::seconds(1'700'000'100))))
                            .as_object();
    EXPECT_EQ(text(claims, "sub"), who.id.to_string());
    EXPECT_EQ(text(claims, "username"), who.id.to_string());
    EXPECT_EQ(text(claims, "iss"), issuer);
    EXPECT_EQ(text(claims, "client_id"), "client");
    EXPECT_EQ(text(claims, "token_use"), "access");
    EXPECT_EQ(text(claims, "scope"), "aws.cognito.signin.user.admin");
    EXPECT_EQ(claims.at("auth_time"), 1'700'000'000);
    EXPECT_EQ(claims.at("iat"), 1'700'000'100);
    EXPECT_EQ(claims.at("exp"), 1'700'003'700);
    EXPECT_EQ(text(claims, "origin_jti"), in.id.to_string());
    EXPECT_EQ(text(claims, "event_id"), event.to_string());
    EXPECT_EQ(claims.at("cognito:groups"), json::array{"astrologer"});
    EXPECT_EQ(text(claims, "custom:user_type"), "astrologer");
    EXPECT_EQ(text(claims, "custom:profile_status"), "approved");
    EXPECT_EQ(text(claims, "custom:kyc_status"), "not_started");
    EXPECT_FALSE(claims.contains("aud"));
    EXPECT_FALSE(claims.contains("phone_number"));
    EXPECT_FALSE(claims.contains("name"));
    EXPECT_FALSE(claims.contains("amr"));
}

TEST(claims, of_a_sign_in_that_passed_the_second_factor) {
    const session in{family_id::make(), clock::now(), true};
    const json::array amr{"sms", "otp", "mfa"};
    auto as = client();
    const auto rich = json::parse(access_claims(issuer, as, astrologer(), in, uuid::v7(), clock::now()));
    EXPECT_EQ(rich.at("amr"), amr);
    EXPECT_EQ(json::parse(id_claims(issuer, as, astrologer(), in, uuid::v7(), clock::now())).at("amr"), amr);
    as.rich_access = false;
    const auto plain = json::parse(access_claims(issuer, as, astrologer(), in, uuid::v7(), clock::now()));
    EXPECT_FALSE(plain.as_object().contains("amr"));
}

TEST(claims, of_a_plain_access_token) {
    auto plain = client();
    plain.rich_access = false;
    const auto claims =
        json::parse(access_claims(issuer, plain, astrologer(), {}, uuid::v7(), clock::now())).as_object();
    for (const auto& claim : claims)
        EXPECT_FALSE(claim.key().starts_with("c") && claim.key().find(':') != std::string::npos);
}

TEST(claims, of_an_id_token) {
    const person who = astrologer();
    const auto claims =
        json::parse(id_claims(issuer, client(), who, {}, uuid::v7(), clock::now())).as_object();
    EXPECT_EQ(text(claims, "aud"), "client");
    EXPECT_EQ(text(claims, "token_use"), "id");
    EXPECT_EQ(text(claims, "cognito:username"), who.id.to_string());
    EXPECT_EQ(text(claims, "phone_number"), "+919876543210");
    EXPECT_EQ(claims.at("phone_number_verified"), true);
    EXPECT_EQ(text(claims, "name"), "Asha \"A\"");
    EXPECT_FALSE(claims.contains("client_id"));
    EXPECT_FALSE(claims.contains("scope"));
}

TEST(claims, of_an_id_token_hold_an_address_and_whether_it_is_verified) {
    person who = astrologer();
    const auto claims = [&](const app_client& as) {
        return json::parse(id_claims(issuer, as, who, {}, uuid::v7(), clock::now())).as_object();
    };
    EXPECT_FALSE(claims(client()).contains("email"));
    EXPECT_FALSE(claims(client()).contains("email_verified"));
    who.email = personal("asha@example.in");
    EXPECT_EQ(text(claims(client()), "email"), "asha@example.in");
    EXPECT_EQ(claims(client()).at("email_verified"), json::value(false));
    who.email_verified = true;
    EXPECT_EQ(claims(client()).at("email_verified"), json::value(true));
    auto narrow = client();
    narrow.readable = {"phone_number"};
    EXPECT_FALSE(claims(narrow).contains("email"));
    EXPECT_FALSE(claims(narrow).contains("email_verified"));
    const auto access = json::parse(access_claims(issuer, client(), who, {}, uuid::v7(), clock::now()));
    EXPECT_FALSE(access.as_object().contains("email"));
}

TEST(claims, of_an_id_token_are_those_that_the_client_reads) {
    auto narrow = client();
    narrow.readable = {"custom:user_type"};
    const auto claims =
        json::parse(id_claims(issuer, narrow, astrologer(), {}, uuid::v7(), clock::now())).as_object();
    EXPECT_EQ(text(claims, "custom:user_type"), "astrologer");
    for (const char* hidden :
         {"name", "phone_number", "phone_number_verified", "custom:profile_status", "custom:kyc_status"})
        EXPECT_FALSE(claims.contains(hidden)) << hidden;
}

TEST(claims, live_as_long_as_the_client_says) {
    auto brief = client();
    brief.access_seconds = 300;
    brief.id_seconds = 600;
    const instant now(std::chrono::seconds(1'700'000'000));
    const auto access = json::parse(access_claims(issuer, brief, astrologer(), {}, uuid::v7(), now));
    const auto id = json::parse(id_claims(issuer, brief, astrologer(), {}, uuid::v7(), now));
    EXPECT_EQ(access.at("exp"), 1'700'000'300);
    EXPECT_EQ(id.at("exp"), 1'700'000'600);
}

TEST(refresh_token, its_successor_follows_from_it_and_the_key) {
    const secret token = new_refresh_token();
    EXPECT_TRUE(is_refresh_token(token.reveal()));
    EXPECT_EQ(token.reveal().size(), 43U);
    EXPECT_EQ(successor_of(keys(), token).reveal(), successor_of(keys(), token).reveal());
    EXPECT_TRUE(is_refresh_token(successor_of(keys(), token).reveal()));
    const crypto::keyring others(bytes(32, 2));
    EXPECT_NE(successor_of(keys(), token).reveal(), successor_of(others, token).reveal());
    EXPECT_NE(hash_of(token), hash_of(new_refresh_token()));
    for (const char* bad : {"", "a", "not-a-token", "a.b.c"}) EXPECT_FALSE(is_refresh_token(bad)) << bad;
}

TEST(code, has_its_digits_and_every_first_digit) {
    std::set<char> first;
    for (int i = 0; i < 500; ++i) {
        const secret code = draw_code(6);
        EXPECT_EQ(code.reveal().size(), 6U);
        first.insert(code.reveal()[0]);
    }
    EXPECT_EQ(first.size(), 10U);
    EXPECT_EQ(draw_code(8).reveal().size(), 8U);
}

TEST(code, its_mac_depends_on_everything) {
    const bytes phone(32, 1), other(32, 2);
    const auto mac = code_mac(keys(), code_purpose::sign_in, phone, secret("123456"));
    EXPECT_EQ(code_mac(keys(), code_purpose::sign_in, phone, secret("123456")), mac);
    EXPECT_NE(code_mac(keys(), code_purpose::sign_in, phone, secret("123457")), mac);
    EXPECT_NE(code_mac(keys(), code_purpose::sign_in, other, secret("123456")), mac);
    EXPECT_NE(code_mac(keys(), code_purpose::sign_up, phone, secret("123456")), mac);
}

TEST(session_string, opens_for_its_kind_and_phone_only) {
    const bytes phone(32, 1), other(32, 2);
    const uuid challenge = uuid::v7();
    const auto text = session_string(keys(), session_kind::sign_in, challenge, phone);
    EXPECT_EQ(text.size(), 43U);
    EXPECT_EQ(open_session(keys(), session_kind::sign_in, text, phone), challenge);
    EXPECT_FALSE(open_session(keys(), session_kind::confirmed, text, phone));
    EXPECT_FALSE(open_session(keys(), session_kind::sign_in, text, other));
    EXPECT_FALSE(open_session(keys(), session_kind::sign_in, "", phone));
    EXPECT_FALSE(open_session(keys(), session_kind::sign_in, text + "AA", phone));
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto changed = text;
        changed[i] = changed[i] == 'A' ? 'E' : 'A';
        EXPECT_FALSE(open_session(keys(), session_kind::sign_in, changed, phone)) << i;
    }
}

TEST(sealing, belongs_to_one_user) {
    const auto id = user_id::make();
    const auto phone = *phone_number::parse("+919876543210", phone_plan::india());
    const bytes sealed = seal_phone(keys(), id, phone);
    EXPECT_EQ(open_phone(keys(), id, sealed).reveal(), "+919876543210");
    EXPECT_THROW(open_phone(keys(), user_id::make(), sealed), std::runtime_error);
    EXPECT_THROW(open_name(keys(), id, sealed), std::runtime_error);
}

}  // namespace
}  // namespace astrotalk::identity
