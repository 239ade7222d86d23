// Access tokens: nothing is accepted but, letter by letter, what this pool has signed.
#include <cstdlib>

#include "identity/tokens.hpp"
#include "identity/verify.hpp"

namespace {

using namespace astrotalk;
using namespace astrotalk::identity;

struct fixture {
    fixture() {
        const auto now = clock::now();
        const auto key = std::make_shared<const signing_key>(token_use::access, crypto::rsa_key::generate());
        auto snapshot = std::make_shared<pool_snapshot>();
        snapshot->version = 1;
        auto client = std::make_shared<app_client>();
        client->id = pool.client_id;
        snapshot->clients.emplace(client->id, client);
        snapshot->keys.push_back({key, now - std::chrono::hours(1), std::nullopt});
        live.publish(snapshot);
        person who;
        who.id = user_id::make();
        who.user_type = "user";
        token =
            key->sign(access_claims(pool.issuer, *client, who, {family_id::make(), now}, uuid::v7(), now));
    }
    const user_pool pool{.id = "ap-south-1_Fuzzed",
                         .region = "ap-south-1",
                         .issuer = "https://auth.example.in/ap-south-1_Fuzzed",
                         .identity_pool_id = "",
                         .client_id = "fuzzedclient"};
    live_pool live;
    revocations ended{std::chrono::hours(1)};
    std::string token;
};

}  // namespace

// A first byte of '@' means: the real token with the rest of the input laid over it at the place that the
// next two bytes name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const fixture world;
    static verifier tokens(world.pool, world.live, world.ended, 16);
    std::string text(reinterpret_cast<const char*>(data), size);
    if (size >= 3 && data[0] == '@') {
        const std::size_t at = (data[1] * 256u + data[2]) % world.token.size();
        text = world.token;
        text.replace(at, size - 3, std::string(reinterpret_cast<const char*>(data) + 3, size - 3));
    }
    if (tokens.check(text).has_value() != (text == world.token)) std::abort();
    return 0;
}
