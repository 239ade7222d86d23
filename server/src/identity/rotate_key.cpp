#include <stdexcept>

#include "identity/identity.hpp"
#include "identity/queries.hpp"
#include "identity/stored_keys.hpp"

namespace astrotalk::identity {
namespace {

std::string place_of(const std::string& kid) { return "signing_key.private:" + kid; }

token_use use_of(const std::string& name) { return name == "access" ? token_use::access : token_use::id; }

struct rotation {
    token_use use;
    std::chrono::seconds least_age;
    bool supplied_too;
    const char* actor_role;
};

task<std::optional<instant>> store_successor(pg::client& pg, sealed_key next, rotation how) {
    co_return co_await pg.write_one<instant>(sql::rotate_key, next.kid, name_of(how.use), next.private_sealed,
                                             static_cast<int>(key_notice.count()),
                                             static_cast<int>(how.least_age.count()), how.supplied_too,
                                             uuid::v7(), how.actor_role);
}

}  // namespace

sealed_key seal_key(const crypto::keyring& keys, const crypto::rsa_key& key) {
    std::string kid = thumbprint(key.public_key());
    bytes sealed = keys.seal("signing_key", key.to_pem().reveal(), place_of(kid));
    return {std::move(kid), std::move(sealed)};
}

std::shared_ptr<const signing_key> open_key(const crypto::keyring& keys, const key_row& row) {
    const auto pem = keys.open("signing_key", row.private_sealed, place_of(row.kid));
    if (!pem)
        throw std::runtime_error(
            "the signing keys in the database do not open: the master key file is not the one of this "
            "database");
    auto key = crypto::rsa_key::from_pem(*pem);
    if (!key) throw std::runtime_error("a signing key in the database is not an RSA key");
    return std::make_shared<const signing_key>(use_of(row.token_use), std::move(*key));
}

task<std::optional<instant>> rotate_key(pg::client& pg, const crypto::keyring& keys, token_use use) {
    co_return co_await store_successor(pg, seal_key(keys, crypto::rsa_key::generate()),
                                       {use, std::chrono::seconds(0), true, "operator"});
}

task<void> rotate_old_keys(pg::client& pg, const crypto::keyring& keys, thread_pool& drawing,
                           std::chrono::seconds age) {
    co_await pg.execute(sql::prune_keys);
    if (age.count() == 0) co_return;
    for (const auto& use : co_await pg.read<std::string>(sql::keys_due, static_cast<int>(age.count()))) {
        auto draw = [&keys] { return seal_key(keys, crypto::rsa_key::generate()); };
        auto next = co_await drawing.run(draw);
        co_await store_successor(pg, std::move(next), {use_of(use), age, false, "system"});
    }
}

}  // namespace astrotalk::identity
