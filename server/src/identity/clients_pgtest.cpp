// App clients as rows: what each may ask, what proves it, and how long that lasts.
#include "identity/protocol_pgtest.hpp"

namespace astrotalk::identity {
namespace {

using namespace testing;
using std::chrono::hours;

constexpr std::string_view phone = "+919800000000";

struct clients_test : ::testing::Test {
    pg::testing::database db;
};

struct made_client {
    client_ref client;
    secret value;
};

task<made_client> make(world& w, app_client wanted, bool confidential) {
    wanted.name = "test";
    const auto made = co_await add_client(w.people.pg, keys(), wanted, confidential);
    co_await follow_pool(w.people.pg, keys(), w.live);
    co_return made_client{w.people.live.get()->find_client(made.id), made.client_secret};
}

app_client without_rotation() {
    app_client wanted;
    wanted.rotates = false;
    wanted.flows = {"USER_AUTH", "CUSTOM_AUTH", "REFRESH_TOKEN_AUTH"};
    return wanted;
}

std::string hash_member(std::string_view name, const std::string& hash) {
    return hash.empty() ? "" : fmt::format(R"(,"{}":"{}")", name, hash);
}

task<http::response> initiate(world& w, client_ref client, std::string flow, std::string parameters) {
    return call(w, "InitiateAuth",
                fmt::format(R"({{"ClientId":"{}","AuthFlow":"{}","AuthParameters":{{{}}}}})", client->id,
                            flow, parameters));
}

task<http::response> ask(world& w, client_ref client, std::string flow, std::string hash = "") {
    return initiate(w, std::move(client), std::move(flow),
                    fmt::format(R"("USERNAME":"{}","PREFERRED_CHALLENGE":"SMS_OTP"{})", phone,
                                hash_member("SECRET_HASH", hash)));
}

task<http::response> respond(world& w, client_ref client, std::string challenge, std::string session,
                             secret code, std::string hash = "") {
    return call(
        w, "RespondToAuthChallenge",
        fmt::format(R"({{"ClientId":"{}","ChallengeName":"{}","Session":"{}",)"
                    R"("ChallengeResponses":{{"USERNAME":"{}","{}":"{}"{}}}}})",
                    client->id, challenge, session, phone, challenge == "SMS_OTP" ? "SMS_OTP_CODE" : "ANSWER",
                    code.reveal(), hash_member("SECRET_HASH", hash)));
}

// Signed in through that client, by the protocol.
task<http::response> enter(world& w, made_client through) {
    const std::string hash =
        through.value.empty() ? "" : secret_hash(through.value, phone, through.client->id);
    const auto asked = co_await ask(w, through.client, "USER_AUTH", hash);
    co_return co_await respond(w, through.client, "SMS_OTP", member(asked, "Session"), co_await w.last_code(),
                               hash);
}

task<http::response> use_refresh_token(world& w, made_client through, std::string refresh_token) {
    return call(w, "GetTokensFromRefreshToken",
                fmt::format(R"({{"ClientId":"{}","RefreshToken":"{}"{}}})", through.client->id, refresh_token,
                            hash_member("ClientSecret", through.value.reveal())));
}

TEST_F(clients_test, a_node_follows_every_change_and_rereads_nothing_without_one) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto before = w.people.live.get();
        co_await follow_pool(w.people.pg, keys(), w.live);
        EXPECT_EQ(w.people.live.get(), before);
        // Nor after statements that find nothing to change.
        co_await rotate_old_keys(w.people.pg, keys(), w.signing, hours(24));
        co_await remove_client(w.people.pg, "nobody");
        co_await follow_pool(w.people.pg, keys(), w.live);
        EXPECT_EQ(w.people.live.get(), before);
        const auto made = co_await make(w, without_rotation(), true);
        EXPECT_NE(w.people.live.get(), before);
        EXPECT_FALSE(before->find_client(made.client->id));
        EXPECT_FALSE(made.client->rotates);
        EXPECT_EQ(made.client->flows.size(), 3U);
        EXPECT_EQ(made.client->secrets.at(0).value.reveal(), made.value.reveal());
        const auto stored = db.execute("select encode(secret_sealed, 'escape') from app_client where id = '" +
                                       made.client->id + "'");
        EXPECT_EQ(stored.find(made.value.reveal()), std::string::npos);
        // Also what an operator changes by hand.
        db.execute("update app_client set access_seconds = 600 where id = '" + made.client->id + "'");
        co_await follow_pool(w.people.pg, keys(), w.live);
        EXPECT_EQ(w.people.live.get()->find_client(made.client->id)->access_seconds, 600);
        EXPECT_EQ(made.client->access_seconds, 3600);
    });
    EXPECT_EQ(db.execute("select count(*) from audit_pending where action = 'app_client.add'"), "1");
}

TEST_F(clients_test, the_table_refuses_what_no_client_may_have) {
    in_a_world(db, [&](world&) -> task<void> { co_return; });
    for (const char* change :
         {"writable = '{custom:kyc_status}'", "writable = '{name,custom:profile_status}'",
          "writable = '{email_verified}'", "flows = '{USER_AUTH,REFRESH_TOKEN_AUTH}'", "flows = '{}'",
          "flows = '{USER_PASSWORD_AUTH}'", "grace_seconds = 61", "access_seconds = 299",
          "old_secret_until = app_now()"})
        EXPECT_THROW(db.execute(std::string("update app_client set ") + change), std::runtime_error)
            << change;
}

TEST_F(clients_test, a_confidential_client_proves_itself_wherever_cognito_asks) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto sent = (co_await w.codes()).size();
        const auto server = co_await make(w, without_rotation(), true);
        const auto& id = server.client->id;
        const auto wrong = secret_hash(secret("guess"), phone, id);
        auto refused = [&](const http::response& r) {
            const auto why = member(r, "message");
            return type_of(r) == "NotAuthorizedException" &&
                   (why == "Unable to verify secret hash for client " + id ||
                    why == "Client " + id + " is configured with secret but SECRET_HASH was not received");
        };
        for (const auto& hash : {std::string(), wrong, secret_hash(server.value, "+919811111111", id)}) {
            EXPECT_TRUE(refused(co_await ask(w, server.client, "USER_AUTH", hash)));
            EXPECT_TRUE(refused(co_await ask(w, server.client, "CUSTOM_AUTH", hash)));
            for (const char* operation : {"SignUp", "ConfirmSignUp", "ResendConfirmationCode"})
                EXPECT_TRUE(refused(co_await call(
                    w, operation,
                    fmt::format(R"({{"ClientId":"{}","Username":"{}","ConfirmationCode":"123456"{}}})", id,
                                phone, hash_member("SecretHash", hash)))))
                    << operation;
        }
        EXPECT_EQ((co_await w.codes()).size(), sent);
        const auto right = secret_hash(server.value, phone, id);
        const auto asked = co_await ask(w, server.client, "USER_AUTH", right);
        const auto session = member(asked, "Session");
        const auto code = co_await w.last_code();
        EXPECT_TRUE(refused(co_await respond(w, server.client, "SMS_OTP", session, code, wrong)));
        const auto in = co_await respond(w, server.client, "SMS_OTP", session, code, right);
        EXPECT_EQ(in.status, 200) << in.body;

        const auto refresh_token = token(in, "RefreshToken");
        EXPECT_TRUE(refused(co_await use_refresh_token(w, {server.client, {}}, refresh_token)));
        EXPECT_TRUE(refused(co_await use_refresh_token(w, {server.client, secret("guess")}, refresh_token)));
        EXPECT_EQ((co_await use_refresh_token(w, server, refresh_token)).status, 200);
        auto revoke = [&](const secret& shown) {
            return call(w, "RevokeToken",
                        fmt::format(R"({{"ClientId":"{}","Token":"{}"{}}})", id, refresh_token,
                                    hash_member("ClientSecret", shown.reveal())));
        };
        EXPECT_EQ(type_of(co_await revoke(secret())), "UnauthorizedException");
        EXPECT_EQ((co_await use_refresh_token(w, server, refresh_token)).status, 200);
        EXPECT_EQ((co_await revoke(server.value)).status, 200);
        EXPECT_EQ(type_of(co_await use_refresh_token(w, server, refresh_token)), "NotAuthorizedException");
    });
}

TEST_F(clients_test, an_old_secret_is_good_for_the_overlap_and_not_a_moment_longer) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto server = co_await make(w, {}, true);
        const auto& id = server.client->id;
        const auto old_hash = secret_hash(server.value, phone, id);
        const auto next = co_await rotate_client_secret(w.people.pg, keys(), id, hours(24));
        co_await follow_pool(w.people.pg, keys(), w.live);
        auto client = [&] { return w.people.live.get()->find_client(id); };
        EXPECT_EQ((co_await ask(w, client(), "USER_AUTH", old_hash)).status, 200);
        EXPECT_EQ((co_await ask(w, client(), "USER_AUTH", secret_hash(*next, phone, id))).status, 200);
        const moved_clock later(hours(24));
        EXPECT_EQ(type_of(co_await ask(w, client(), "USER_AUTH", old_hash)), "NotAuthorizedException");
        const auto now = co_await rotate_client_secret(w.people.pg, keys(), id, hours(0));
        co_await follow_pool(w.people.pg, keys(), w.live);
        EXPECT_EQ(type_of(co_await ask(w, client(), "USER_AUTH", secret_hash(*next, phone, id))),
                  "NotAuthorizedException");
        EXPECT_EQ((co_await ask(w, client(), "USER_AUTH", secret_hash(*now, phone, id))).status, 200);
        EXPECT_FALSE(co_await rotate_client_secret(w.people.pg, keys(), w.pool.client_id, hours(24)));
        EXPECT_FALSE(co_await rotate_client_secret(w.people.pg, keys(), "nobody", hours(24)));
    });
    EXPECT_EQ(db.execute("select count(*) from audit_pending where action = 'app_client.rotate_secret'"),
              "2");
}

TEST_F(clients_test, without_rotation_a_refresh_token_stays_what_it_is) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto who = co_await w.join(a_phone());
        const auto server = co_await make(w, without_rotation(), true);
        const auto refresh_token = token(co_await enter(w, server), "RefreshToken");
        EXPECT_FALSE(refresh_token.empty());
        auto by_flow = [&](std::string hash, std::string flow = "REFRESH_TOKEN_AUTH") {
            return initiate(
                w, server.client, flow,
                fmt::format(R"("REFRESH_TOKEN":"{}"{})", refresh_token, hash_member("SECRET_HASH", hash)));
        };
        // The hash is over the user's own id, as Cognito has it.
        const auto hash = secret_hash(server.value, who.to_string(), server.client->id);
        auto use = [&](int n) { return by_flow(hash, n % 2 ? "REFRESH_TOKEN" : "REFRESH_TOKEN_AUTH"); };
        for (const auto& each : co_await in_parallel<http::response>(10, use)) {
            EXPECT_FALSE(token(each, "AccessToken").empty()) << each.body;
            EXPECT_FALSE(token(each, "IdToken").empty());
            EXPECT_TRUE(token(each, "RefreshToken").empty());
        }
        EXPECT_EQ(type_of(co_await by_flow("")), "NotAuthorizedException");
        EXPECT_EQ(type_of(co_await by_flow(secret_hash(server.value, phone, server.client->id))),
                  "NotAuthorizedException");
        const auto got = co_await use_refresh_token(w, server, refresh_token);
        EXPECT_FALSE(token(got, "AccessToken").empty());
        EXPECT_TRUE(token(got, "RefreshToken").empty());
        const moved_clock later(hours(24 * 31));
        EXPECT_EQ(type_of(co_await by_flow(hash)), "NotAuthorizedException");
    });
    EXPECT_EQ(db.execute("select count(*) from refresh_token where used_at is not null"), "0");
}

TEST_F(clients_test, tokens_and_challenges_are_good_for_their_own_client_only) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto one = co_await make(w, {}, false), other = co_await make(w, without_rotation(), false);
        const auto asked = co_await ask(w, one.client, "USER_AUTH");
        const auto session = member(asked, "Session");
        const auto code = co_await w.last_code();
        EXPECT_EQ(type_of(co_await respond(w, other.client, "SMS_OTP", session, code)),
                  "NotAuthorizedException");
        const auto in = co_await respond(w, one.client, "SMS_OTP", session, code);
        EXPECT_EQ(in.status, 200) << in.body;
        EXPECT_EQ(type_of(co_await use_refresh_token(w, other, token(in, "RefreshToken"))),
                  "NotAuthorizedException");
        EXPECT_FALSE(
            token(co_await use_refresh_token(w, one, token(in, "RefreshToken")), "RefreshToken").empty());
    });
}

TEST_F(clients_test, a_flow_that_a_client_does_not_allow_is_refused_in_cognitos_words) {
    in_a_world(db, [&](world& w) -> task<void> {
        app_client custom_only;
        custom_only.flows = {"CUSTOM_AUTH"};
        const auto one = co_await make(w, custom_only, false);
        for (const char* flow : {"USER_AUTH", "REFRESH_TOKEN_AUTH", "USER_PASSWORD_AUTH", "USER_SRP_AUTH"}) {
            const auto r = co_await ask(w, one.client, flow);
            EXPECT_EQ(type_of(r), "InvalidParameterException");
            EXPECT_EQ(member(r, "message"), std::string(flow) + " flow not enabled for this client");
        }
        const auto main = w.people.live.get()->find_client(w.pool.client_id);
        EXPECT_EQ(type_of(co_await ask(w, main, "CUSTOM_AUTH")), "InvalidParameterException");
        EXPECT_EQ((co_await w.codes()).size(), 0U);
    });
}

TEST_F(clients_test, custom_auth_is_the_same_code_with_the_same_cap) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto one = co_await make(w, without_rotation(), false);
        const auto asked = co_await ask(w, one.client, "CUSTOM_AUTH");
        EXPECT_EQ(member(asked, "ChallengeName"), "CUSTOM_CHALLENGE");
        const auto session = member(asked, "Session");
        const auto code = co_await w.last_code();
        const secret wrong(code.reveal() == "123456" ? "654321" : "123456");
        EXPECT_EQ(type_of(co_await respond(w, one.client, "SMS_OTP", session, code)),
                  "NotAuthorizedException");
        EXPECT_EQ(type_of(co_await respond(w, one.client, "CUSTOM_CHALLENGE", session, wrong)),
                  "CodeMismatchException");
        auto answer = [&](int) { return respond(w, one.client, "CUSTOM_CHALLENGE", session, code); };
        const auto answers = co_await in_parallel<http::response>(20, answer);
        EXPECT_EQ(std::ranges::count(answers, 200, &http::response::status), 1);
        const auto again = member(co_await ask(w, one.client, "CUSTOM_AUTH"), "Session");
        const auto next = co_await w.last_code();
        const secret guess(next.reveal() == "123456" ? "654321" : "123456");
        for (int i = 0; i < 4; ++i) co_await respond(w, one.client, "CUSTOM_CHALLENGE", again, guess);
        EXPECT_EQ(type_of(co_await respond(w, one.client, "CUSTOM_CHALLENGE", again, next)),
                  "TooManyRequestsException");
    });
}

TEST_F(clients_test, a_client_reads_and_writes_its_attributes_only) {
    in_a_world(db, [&](world& w) -> task<void> {
        app_client narrow;
        narrow.readable = {"custom:user_type"};
        narrow.writable = {"phone_number"};
        const auto one = co_await make(w, narrow, false);
        const auto r = co_await call(
            w, "SignUp",
            fmt::format(
                R"({{"ClientId":"{}","Username":"{}","UserAttributes":[{{"Name":"name","Value":"A"}}]}})",
                one.client->id, phone));
        EXPECT_EQ(type_of(r), "NotAuthorizedException");
        co_await w.join(a_phone());
        const auto in = co_await enter(w, one);
        const auto got =
            co_await call(w, "GetUser", fmt::format(R"({{"AccessToken":"{}"}})", token(in, "AccessToken")));
        EXPECT_NE(got.body.find("custom:user_type"), std::string::npos) << got.body;
        EXPECT_EQ(got.body.find("phone_number"), std::string::npos) << got.body;
        EXPECT_NE(got.body.find("sub"), std::string::npos) << got.body;
        const auto main = co_await enter(w, {w.people.live.get()->find_client(w.pool.client_id), {}});
        const auto all =
            co_await call(w, "GetUser", fmt::format(R"({{"AccessToken":"{}"}})", token(main, "AccessToken")));
        EXPECT_NE(all.body.find(R"("Name":"phone_number_verified","Value":"true")"), std::string::npos)
            << all.body;
    });
}

TEST_F(clients_test, a_client_without_the_api_still_uses_the_pool) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        app_client outside;
        outside.opens_api = false;
        const auto one = co_await make(w, outside, false), two = co_await make(w, {}, false);
        const auto access = token(co_await enter(w, one), "AccessToken");
        const auto other = token(co_await enter(w, two), "AccessToken");
        EXPECT_TRUE(w.people.tokens.check(access));
        EXPECT_FALSE(co_await w.people.tokens.authenticate(w.people.pg, access));
        EXPECT_TRUE(co_await w.people.tokens.authenticate(w.people.pg, other));
        const auto got = co_await call(w, "GetUser", fmt::format(R"({{"AccessToken":"{}"}})", access));
        EXPECT_EQ(got.status, 200) << got.body;
    });
}

TEST_F(clients_test, removing_a_client_ends_what_was_signed_in_through_it_and_nothing_else) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto one = co_await make(w, {}, false);
        const auto in = co_await enter(w, one);
        const auto elsewhere = co_await w.sign_in(a_phone());
        const auto access = token(in, "AccessToken");
        const auto other = (co_await issue_tokens(w.people, elsewhere)).access;
        EXPECT_TRUE(co_await w.people.tokens.authenticate(w.people.pg, access));
        EXPECT_EQ(co_await remove_client(w.people.pg, one.client->id), 1);
        co_await tail_revocations(w.people.pg, w.ended);
        EXPECT_FALSE(co_await w.people.tokens.authenticate(w.people.pg, access));
        co_await follow_pool(w.people.pg, keys(), w.live);
        EXPECT_FALSE(w.people.tokens.check(access));
        EXPECT_EQ(type_of(co_await ask(w, one.client, "USER_AUTH")), "ResourceNotFoundException");
        EXPECT_TRUE(co_await w.people.tokens.authenticate(w.people.pg, other));
        EXPECT_TRUE(co_await refresh(w.people, elsewhere.refresh_token, "r"));
        EXPECT_FALSE(co_await remove_client(w.people.pg, one.client->id));
        EXPECT_FALSE(co_await remove_client(w.people.pg, w.pool.client_id));
    });
    EXPECT_EQ(db.execute("select string_agg(cause, ',') from revocation"), "client_removed");
    EXPECT_EQ(db.execute("select count(*) from audit_pending where action = 'app_client.remove'"), "1");
}

TEST_F(clients_test, nobody_signs_in_through_a_client_that_this_node_still_believes_in) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto one = co_await make(w, {}, false);
        const auto session = member(co_await ask(w, one.client, "USER_AUTH"), "Session");
        const auto code = co_await w.last_code();
        co_await remove_client(w.people.pg, one.client->id);
        const auto r = co_await respond(w, one.client, "SMS_OTP", session, code);
        EXPECT_EQ(type_of(r), "NotAuthorizedException") << r.body;
    });
    EXPECT_EQ(db.execute("select count(*) from refresh_family"), "0");
}

// Sign-ins that race with the removal either are refused or have ended after it.
TEST_F(clients_test, sign_ins_that_race_with_a_removal_do_not_outlive_it) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto one = co_await make(w, {}, false);
        constexpr int people = 12;
        std::vector<std::pair<std::string, secret>> asked;
        for (int i = 0; i < people; ++i) {
            co_await w.join(a_phone(i));
            const auto challenge =
                (co_await send_code(w.people, one.client, a_phone(i), code_purpose::sign_in, {})).value();
            asked.emplace_back(challenge.to_string(), co_await w.last_code());
        }
        auto act = [&](int i) -> task<bool> {
            if (i == people / 2) co_return (co_await remove_client(w.people.pg, one.client->id)).has_value();
            const auto challenge = *uuid::parse(asked[i].first);
            const auto in =
                co_await answer_code(w.people, one.client, a_phone(i), challenge, asked[i].second, "r");
            co_return in.has_value() || in.error() == error::session_ended;
        };
        for (const bool as_expected : co_await in_parallel<bool>(people, act)) EXPECT_TRUE(as_expected);
        co_await end_families_without_client(w.people.pg);
    });
    EXPECT_EQ(db.execute("select count(*) from refresh_family where revoked_at is null"), "0");
    EXPECT_EQ(db.execute("select count(*) from refresh_family"),
              db.execute("select count(*) from revocation"));
}

TEST_F(clients_test, an_interrupted_removal_is_completed_by_the_hourly_duty) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto one = co_await make(w, {}, false);
        co_await enter(w, one);
        db.execute("delete from app_client where not main");
        co_await prune_sign_ins(w.people.pg);
    });
    EXPECT_EQ(db.execute("select count(*) from refresh_family where revoked_at is null"), "0");
    EXPECT_EQ(db.execute("select count(*) from revocation"), "1");
}

}  // namespace
}  // namespace astrotalk::identity
