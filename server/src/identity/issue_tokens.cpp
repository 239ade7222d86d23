#include "identity/identity.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {

task<token_set> issue_tokens(service& s, signed_in to) {
    const instant now = clock::now();
    const uuid event = uuid::v7();
    token_set set{access_claims(s.pool, to.who, to.in, event, now),
                  id_claims(s.pool, to.who, to.in, event, now), std::move(to.refresh_token),
                  s.pool.access_seconds};
    auto sign_both = [&pool = s.pool, &set] {
        set.access = pool.key_for(token_use::access).sign(set.access);
        set.id = pool.key_for(token_use::id).sign(set.id);
    };
    co_await s.signing.run(sign_both);
    co_return set;
}

}  // namespace astrotalk::identity
