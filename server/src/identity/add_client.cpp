#include "identity/identity.hpp"
#include "identity/queries.hpp"
#include "identity/stored_keys.hpp"

namespace astrotalk::identity {

task<added_client> add_client(pg::client& pg, const crypto::keyring& keys, app_client wanted,
                              bool confidential) {
    added_client made{new_client_id(), {}};
    std::optional<bytes> sealed;
    if (confidential) {
        made.client_secret = new_client_secret();
        sealed = keys.seal(client_secret_purpose, made.client_secret.reveal(), place_of_secret(made.id));
    }
    co_await pg.execute(sql::add_client, made.id, wanted.name, wanted.rotates, wanted.opens_api,
                        wanted.rich_access, wanted.access_seconds, wanted.id_seconds, wanted.refresh_seconds,
                        wanted.grace_seconds, wanted.flows, wanted.readable, wanted.writable, sealed,
                        uuid::v7());
    co_return made;
}

}  // namespace astrotalk::identity
