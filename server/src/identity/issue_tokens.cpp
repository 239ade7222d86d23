#include "identity/identity.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {

task<token_set> issue_tokens(service& s, client_ref client, signed_in to) {
    const instant now = clock::now();
    const uuid event = uuid::v7();
    token_set set{access_claims(s.pool.issuer, *client, to.who, to.in, event, now),
                  id_claims(s.pool.issuer, *client, to.who, to.in, event, now), std::move(to.refresh_token),
                  client->access_seconds};
    const auto snapshot = s.live.get();
    auto sign_both = [&access = *snapshot->signer(token_use::access, now),
                      &id = *snapshot->signer(token_use::id, now), &set] {
        set.access = access.sign(set.access);
        set.id = id.sign(set.id);
    };
    co_await s.signing.run(sign_both);
    co_return set;
}

}  // namespace astrotalk::identity
