// Signing keys take turns by instants that every node reads, so that all switch at once.
#include "identity/people_pgtest.hpp"

namespace astrotalk::identity {
namespace {

using namespace testing;
using std::chrono::hours;

struct keys_test : ::testing::Test {
    pg::testing::database db;

    std::string state_of(const std::string& kid) {
        std::string found;
        pg::testing::run(db, [&](pg::client& client) -> task<void> {
            for (const auto& each : co_await list_keys(client))
                if (each.kid == kid) found = each.state;
        });
        return found;
    }
};

std::string kid_of(const std::string& token) {
    const auto header = crypto::to_text(crypto::base64url_decode(token.substr(0, token.find('.'))).value());
    const auto begin = header.find("\"kid\":\"") + 7;
    return header.substr(begin, header.find('"', begin) - begin);
}

TEST_F(keys_test, a_rotation_publishes_then_switches_then_forgets) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto in = co_await w.sign_in(a_phone());
        auto access_token = [&]() -> task<std::string> {
            co_return (co_await issue_tokens(w.people, in)).access;
        };
        auto published = [&](const std::string& kid) {
            return w.people.live.get()->jwks(clock::now()).find(kid) != std::string::npos;
        };
        const auto first = co_await access_token();
        const auto from = co_await rotate_key(w.people.pg, keys(), token_use::access);
        EXPECT_GE(*from, clock::now() + jwks_lifetime);
        EXPECT_FALSE(co_await rotate_key(w.people.pg, keys(), token_use::access));  // one waits already
        co_await follow_pool(w.people.pg, keys(), w.live);
        const auto next = w.people.live.get()->signer(token_use::access, *from)->kid();
        EXPECT_NE(next, kid_of(first));
        EXPECT_TRUE(published(next));
        EXPECT_EQ(state_of(next), "next");
        EXPECT_EQ(kid_of(co_await access_token()), kid_of(first));

        live_pool elsewhere;  // another node
        live_pool::reader there(elsewhere);
        co_await follow_pool(w.people.pg, keys(), elsewhere);
        EXPECT_EQ(there.get()->signer(token_use::access, clock::now())->kid(), kid_of(first));

        // Nothing is read again: the instants were known.
        const moved_clock begun(key_notice);
        EXPECT_EQ(there.get()->signer(token_use::access, clock::now())->kid(), next);
        EXPECT_EQ(kid_of(co_await access_token()), next);
        EXPECT_TRUE(published(kid_of(first)));
        EXPECT_EQ(state_of(next), "current");
        EXPECT_EQ(state_of(kid_of(first)), "retired");
        EXPECT_TRUE(co_await w.people.tokens.authenticate(w.people.pg, first));
        EXPECT_TRUE(co_await w.people.tokens.authenticate(w.people.pg, co_await access_token()));

        const moved_clock a_day_later(key_afterlife);
        EXPECT_FALSE(published(kid_of(first)));
        EXPECT_TRUE(published(next));
        EXPECT_EQ(state_of(kid_of(first)), "gone");
        const moved_clock forgotten(hours(24));
        co_await rotate_old_keys(w.people.pg, keys(), w.signing, std::chrono::seconds(0));
        EXPECT_EQ(state_of(kid_of(first)), "");
        co_await follow_pool(w.people.pg, keys(), w.live);
        EXPECT_EQ(kid_of(co_await access_token()), next);
    });
    EXPECT_EQ(db.execute("select count(*) from signing_key where token_use = 'id'"), "1");
    EXPECT_EQ(db.execute("select count(*) from audit_pending where action = 'signing_key.rotate'"), "1");
}

TEST_F(keys_test, parallel_rotations_make_one_next_key) {
    in_a_world(db, [&](world& w) -> task<void> {
        auto rotate = [&](int) { return rotate_key(w.people.pg, keys(), token_use::id); };
        const auto results = co_await in_parallel<std::optional<instant>>(6, rotate);
        EXPECT_EQ(std::ranges::count_if(results, [](const auto& each) { return each.has_value(); }), 1);
    });
    EXPECT_EQ(db.execute("select count(*) from signing_key where token_use = 'id'"), "2");
    EXPECT_EQ(db.execute("select count(*) from signing_key where token_use = 'id' and retired_at is null"),
              "1");
}

TEST_F(keys_test, old_keys_are_rotated_by_two_nodes_once_and_supplied_ones_never) {
    in_a_world(db, [&](world& w) -> task<void> {
        auto duty = [&](int) -> task<bool> {
            co_await rotate_old_keys(w.people.pg, keys(), w.signing, hours(24 * 90));
            co_return true;
        };
        db.execute("update signing_key set supplied = false where token_use = 'access'");
        {
            const moved_clock almost(hours(24 * 90 - 1));
            co_await duty(0);
        }
        EXPECT_EQ(db.execute("select count(*) from signing_key"), "2");
        const moved_clock due(hours(24 * 90));
        co_await rotate_old_keys(w.people.pg, keys(), w.signing, std::chrono::seconds(0));  // off
        EXPECT_EQ(db.execute("select count(*) from signing_key"), "2");
        co_await in_parallel<bool>(2, duty);
        co_await duty(0);
    });
    EXPECT_EQ(db.execute("select count(*) from signing_key where token_use = 'access'"), "2");
    EXPECT_EQ(db.execute("select count(*) from signing_key where token_use = 'id'"), "1");
    EXPECT_EQ(db.execute("select actor_role from audit_pending where action = 'signing_key.rotate'"),
              "system");
}

TEST_F(keys_test, client_secrets_are_sealed_anew_under_another_data_key) {
    in_a_world(db, [&](world& w) -> task<void> {
        app_client wanted;
        wanted.name = "test";
        const auto made = co_await add_client(w.people.pg, keys(), wanted, true);
        const auto next = co_await rotate_client_secret(w.people.pg, keys(), made.id, hours(24));
        crypto::keyring ring(bytes(32, 1));
        const auto data_key = ring.make_data_key();
        EXPECT_TRUE(ring.learn(data_key));
        ring.seal_with(data_key.id);
        for (const auto& column : sealed_columns()) {
            if (!column.name.starts_with("app_client.")) continue;
            const auto done = co_await jobs::reseal(w.people.pg, ring, column);
            EXPECT_EQ(done.changed, 1) << column.name;
            EXPECT_EQ(done.unreadable, 0) << column.name;
        }
        const auto clients = co_await list_clients(w.people.pg, ring);
        EXPECT_EQ(clients.at(1).secrets.at(0).value.reveal(), next->reveal());
        EXPECT_EQ(clients.at(1).secrets.at(1).value.reveal(), made.client_secret.reveal());
    });
}

TEST_F(keys_test, a_supplied_key_signs_at_once_and_ends_a_waiting_one) {
    in_a_world(db, [&](world& w) -> task<void> {
        const auto old = w.people.live.get()->signer(token_use::access, clock::now())->kid();
        co_await rotate_key(w.people.pg, keys(), token_use::access);
        auto how = options();
        const auto given = crypto::rsa_key::generate();
        how.access_key_pem = given.to_pem().reveal();
        co_await bootstrap(w.people.pg, keys(), how);
        co_await follow_pool(w.people.pg, keys(), w.live);
        const auto& now = w.people.live.get();
        EXPECT_EQ(now->signer(token_use::access, clock::now())->kid(), thumbprint(given.public_key()));
        EXPECT_EQ(now->signer(token_use::access, clock::now() + hours(1))->kid(),
                  thumbprint(given.public_key()));
        EXPECT_EQ(std::ranges::count_if(
                      now->keys, [](const auto& turn) { return turn.key->use() == token_use::access; }),
                  2);
        EXPECT_NE(now->jwks(clock::now()).find(old), std::string::npos);
        // And back: the key before it signs again.
        co_await bootstrap(w.people.pg, keys(), options());
        co_await follow_pool(w.people.pg, keys(), w.live);
        EXPECT_EQ(w.people.live.get()->signer(token_use::access, clock::now())->kid(), old);
    });
}

}  // namespace
}  // namespace astrotalk::identity
