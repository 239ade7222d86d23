// Nobody writes what only staff or KYC decides, through any door of the protocol.
#include "identity/json_object.hpp"
#include "identity/protocol_pgtest.hpp"

namespace astrotalk::identity {
namespace {

using namespace testing;

struct roles_test : ::testing::Test {
    pg::testing::database db;
};

std::string sign_up_body(const world& w, std::string_view attributes,
                         std::string_view phone = "+919800000000") {
    return fmt::format(R"({{"ClientId":"{}","Username":"{}","UserAttributes":[{}]}})", w.pool.client_id,
                       phone, attributes);
}

std::string attribute(std::string_view name, std::string_view value) {
    return fmt::format(R"({{"Name":"{}","Value":"{}"}})", name, value);
}

TEST_F(roles_test, a_sign_up_writes_its_kind_and_nothing_above) {
    in_a_world(db, [&](world& w) -> task<void> {
        const std::vector<std::pair<std::string, std::string>> forbidden = {
            {"custom:user_type", "admin"},
            {"custom:user_type", ""},
            {"custom:profile_status", "approved"},
            {"custom:kyc_status", "completed"},
            {"custom:anything", "x"},
            {"cognito:groups", "admin"},
            {"phone_number_verified", "true"},
            {"sub", "00000000-0000-0000-0000-000000000000"},
            {"phone_number", "+919811111111"},
            {"groups", "admin"}};
        for (const auto& [name, value] : forbidden) {
            const auto body =
                sign_up_body(w, attribute("custom:user_type", "user") + "," + attribute(name, value));
            const auto r = co_await call(w, "SignUp", body);
            EXPECT_EQ(r.status, 400) << name;
            EXPECT_TRUE(type_of(r) == "NotAuthorizedException" || type_of(r) == "InvalidParameterException")
                << name;
        }
        const auto last_wins =
            attribute("custom:user_type", "admin") + "," + attribute("custom:user_type", "user");
        EXPECT_EQ((co_await call(w, "SignUp", sign_up_body(w, last_wins))).status, 400);
        EXPECT_EQ((co_await w.codes()).size(), 0U);
    });
    EXPECT_EQ(db.execute("select count(*) from pool_user"), "0");
}

TEST_F(roles_test, client_metadata_and_groups_in_the_body_are_not_read) {
    in_a_world(db, [&](world& w) -> task<void> {
        auto body = sign_up_body(w, attribute("custom:user_type", "astrologer"));
        body.insert(
            body.size() - 1,
            R"(,"ClientMetadata":{"custom:kyc_status":"completed"},"Groups":["admin"],"groups":["admin"])");
        const auto r = co_await call(w, "SignUp", body);
        EXPECT_EQ(r.status, 200) << r.body;
    });
    EXPECT_EQ(db.execute("select user_type || ' ' || profile_status || ' ' || kyc_status || ' ' || "
                         "groups::text from pool_user"),
              "astrologer pending not_started {}");
}

TEST_F(roles_test, nothing_unsigned_changes_attributes_or_groups) {
    in_a_world(db, [&](world& w) -> task<void> {
        for (const char* operation :
             {"AdminUpdateUserAttributes", "AdminAddUserToGroup", "AdminCreateUser", "CreateGroup"}) {
            const auto r = co_await call(w, operation, "{}");
            EXPECT_EQ(r.status, 400);
            EXPECT_EQ(type_of(r), "MissingAuthenticationTokenException") << operation;
        }
        for (const char* operation : {"UpdateUserAttributes", "VerifyUserAttribute", "DeleteUser"}) {
            const auto r = co_await call(w, operation, R"({"AccessToken":"a.b.c"})");
            EXPECT_EQ(type_of(r), "NotAuthorizedException") << operation;
        }
        for (const char* operation : {"AdminConfirmSignUp", "AdminSetUserPassword", "", "signup"}) {
            const auto r = co_await call(w, operation, "{}");
            EXPECT_EQ(r.status, 400);
            EXPECT_EQ(type_of(r), "UnknownOperationException") << operation;
        }
    });
}

TEST_F(roles_test, the_schema_refuses_what_code_might_let_through) {
    const std::string insert =
        "insert into pool_user (id, phone_hash, phone_sealed, user_type, kyc_status) values "
        "(gen_random_uuid(), '', '', ";
    EXPECT_THROW(db.execute(insert + "'admin', null)"), std::runtime_error);
    EXPECT_THROW(db.execute(insert + "'user', 'verified')"), std::runtime_error);
}

TEST_F(roles_test, an_admin_is_made_by_the_operator_only) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto id =
            co_await create_admin(w.people.pg, keys(), phone_plan::india(), "+91 98000 00009", "Root");
        EXPECT_EQ(co_await create_admin(w.people.pg, keys(), phone_plan::india(), "+919800000009", "Root"),
                  id);
        const auto made = co_await find_with_profile(w.people, id);
        EXPECT_EQ(made->who.groups, std::vector<std::string>{"admin"});
        EXPECT_EQ(made->who.name->reveal(), "Root");
        bool refused = false;
        try {
            co_await create_admin(w.people.pg, keys(), phone_plan::india(), "12345", "Root");
        } catch (const std::runtime_error&) {
            refused = true;
        }
        EXPECT_TRUE(refused);
    });
    EXPECT_EQ(db.execute("select count(*) || ' ' || sum(bonus) from wallet"), "1 0");
}

TEST_F(roles_test, the_protocol_end_to_end) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto up = co_await call(w, "SignUp", sign_up_body(w, attribute("name", "Asha")));
        EXPECT_EQ(up.status, 200) << up.body;
        EXPECT_EQ(up.content_type, "application/x-amz-json-1.1");
        EXPECT_NE(up.body.find("\"Destination\":\"+********0000\""), std::string::npos);
        const auto client = fmt::format(R"("ClientId":"{}")", w.pool.client_id);
        auto code = (co_await w.last_code()).reveal();
        const auto confirm =
            fmt::format(R"({{{},"Username":"+919800000000","ConfirmationCode":"{}"}})", client, code);
        EXPECT_EQ((co_await call(w, "ConfirmSignUp", confirm)).status, 200);
        const auto ask = "{" + client +
                         R"(,"AuthFlow":"USER_AUTH","AuthParameters":{"USERNAME":"+919800000000",)"
                         R"("PREFERRED_CHALLENGE":"SMS_OTP"}})";
        const auto asked = co_await call(w, "InitiateAuth", ask);
        const auto at = asked.body.find("\"Session\":\"") + 11;
        code = (co_await w.last_code()).reveal();
        const auto respond =
            fmt::format(R"({{{},"ChallengeName":"SMS_OTP","Session":"{}","ChallengeResponses":)"
                        R"({{"USERNAME":"+919800000000","SMS_OTP_CODE":"{}"}}}})",
                        client, asked.body.substr(at, 43), code);
        const auto done = co_await call(w, "RespondToAuthChallenge", respond);
        EXPECT_EQ(done.status, 200) << done.body;
        const auto token_at = done.body.find("\"AccessToken\":\"") + 15;
        const auto token = done.body.substr(token_at, done.body.find('"', token_at) - token_at);
        const auto user = co_await call(w, "GetUser", R"({"AccessToken":")" + token + "\"}");
        EXPECT_NE(user.body.find(R"({"Name":"name","Value":"Asha"})"), std::string::npos) << user.body;
        EXPECT_EQ((co_await call(w, "GlobalSignOut", R"({"AccessToken":")" + token + "\"}")).body, "{}");
        EXPECT_EQ(type_of(co_await call(w, "GetUser", R"({"AccessToken":")" + token + "\"}")),
                  "NotAuthorizedException");
    });
}

TEST_F(roles_test, what_is_not_a_request_is_refused_by_name) {
    in_a_world(db, [&](world& w) -> task<void> {
        for (const char* body : {"", "{", "[]", "null", "\"x\"", R"({"AccessToken":1})"})
            EXPECT_EQ(type_of(co_await call(w, "GetUser", body)), "SerializationException") << body;
        EXPECT_EQ(type_of(co_await call(w, "GetUser", "{}")), "InvalidParameterException");
        EXPECT_EQ(type_of(co_await call(w, "GetUser", R"({"AccessToken":"a.b.c"})")),
                  "NotAuthorizedException");
        EXPECT_EQ(type_of(co_await call(w, "SignUp", R"({"ClientId":"other","Username":"+919800000000"})")),
                  "ResourceNotFoundException");
        const auto client = fmt::format(R"({{"ClientId":"{}")", w.pool.client_id);
        EXPECT_EQ(type_of(co_await call(w, "InitiateAuth", client + R"(,"AuthFlow":"USER_PASSWORD_AUTH"})")),
                  "InvalidParameterException");
        EXPECT_EQ(type_of(co_await call(w, "GetTokensFromRefreshToken", client + R"(,"RefreshToken":"x"})")),
                  "NotAuthorizedException");
    });
}

}  // namespace
}  // namespace astrotalk::identity
