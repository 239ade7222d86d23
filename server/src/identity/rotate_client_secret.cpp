#include "identity/identity.hpp"
#include "identity/queries.hpp"
#include "identity/stored_keys.hpp"

namespace astrotalk::identity {

task<std::optional<secret>> rotate_client_secret(pg::client& pg, const crypto::keyring& keys, std::string id,
                                                 std::chrono::seconds overlap) {
    secret next = new_client_secret();
    const bytes sealed = keys.seal(client_secret_purpose, next.reveal(), place_of_secret(id));
    const auto changed = co_await pg.write_one<std::string>(sql::rotate_client_secret, id, sealed,
                                                            static_cast<int>(overlap.count()), uuid::v7());
    if (!changed) co_return std::nullopt;
    co_return next;
}

}  // namespace astrotalk::identity
