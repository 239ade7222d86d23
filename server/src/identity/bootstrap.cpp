#include <stdexcept>

#include "core/log.hpp"
#include "identity/identity.hpp"
#include "identity/queries.hpp"
#include "identity/stored_keys.hpp"

namespace astrotalk::identity {
namespace {

struct pool_row {
    std::string id, region, issuer, identity_pool_id, client_id;
};
BOOST_DESCRIBE_STRUCT(pool_row, (), (id, region, issuer, identity_pool_id, client_id))

constexpr std::string_view letters_and_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

// The discovery document is served at the root of this server, so the issuer has no path but the pool's id.
std::string checked_origin(std::string origin) {
    while (origin.ends_with('/')) origin.pop_back();
    const auto scheme = origin.find("://");
    if (scheme == std::string::npos || origin.find('/', scheme + 3) != std::string::npos ||
        origin.find_first_of("?# ", scheme) != std::string::npos)
        throw std::runtime_error(
            "the issuer must be an origin without a path, such as https://auth.example.in");
    return origin;
}

task<void> create_pool(pg::transaction& t, const pool_options& how) {
    const auto id = how.region + "_" + crypto::random_text(9, letters_and_digits);
    const auto issuer = checked_origin(how.public_origin) + "/" + id;
    const auto identity_pool = how.region + ":" + uuid::v7().to_string();
    co_await t.execute(sql::create_pool, id, how.region, issuer, identity_pool, new_client_id());
}

// The last key of the line that signs tokens of one use.
const key_row* last_key(const std::vector<key_row>& rows, std::string_view use) {
    const auto found = std::ranges::find_if(
        rows, [&](const key_row& row) { return row.token_use == use && !row.retired_at; });
    return found == rows.end() ? nullptr : &*found;
}

// Keeps, makes or replaces the key that signs tokens of one use.
task<void> settle_key(pg::transaction& t, const crypto::keyring& keys, token_use use, std::string pem) {
    const auto rows = co_await t.query<key_row>(sql::load_keys);
    const auto* last = last_key(rows, name_of(use));
    if (pem.empty()) {
        if (last) co_return;
        const auto made = seal_key(keys, crypto::rsa_key::generate());
        co_await t.execute(sql::create_key, made.kid, name_of(use), made.private_sealed);
        co_return;
    }
    const auto given = crypto::rsa_key::from_pem(pem);
    if (!given)
        throw std::runtime_error(fmt::format(
            "the {} key file must hold an unencrypted PEM RSA key of 2048 bits or more", name_of(use)));
    const auto supplied = seal_key(keys, *given);
    if (!last || last->kid != supplied.kid || !last->supplied)
        co_await t.execute(sql::supply_key, supplied.kid, name_of(use), supplied.private_sealed);
}

task<void> settle(pg::transaction& t, const crypto::keyring& keys, const pool_options& how) {
    co_await t.query<std::string>(sql::lock_first_start);
    if ((co_await t.query<pool_row>(sql::load_pool)).empty()) co_await create_pool(t, how);
    co_await settle_key(t, keys, token_use::access, how.access_key_pem);
    co_await settle_key(t, keys, token_use::id, how.id_key_pem);
}

// A started installation needs no lock: the pool is there, and so are both keys.
bool settled(const std::optional<pool_row>& pool, const std::vector<key_row>& rows, const pool_options& how) {
    return pool && last_key(rows, "access") && last_key(rows, "id") && how.access_key_pem.empty() &&
           how.id_key_pem.empty();
}

}  // namespace

task<user_pool> bootstrap(pg::client& pg, const crypto::keyring& keys, pool_options how) {
    auto row = co_await pg.read_one<pool_row>(sql::load_pool);
    if (!settled(row, co_await pg.read<key_row>(sql::load_keys), how)) {
        auto body = [&](pg::transaction& t) { return settle(t, keys, how); };
        co_await pg.transact(body);
        row = co_await pg.read_one<pool_row>(sql::load_pool);
    }
    if (!how.public_origin.empty() && row->issuer != checked_origin(how.public_origin) + "/" + row->id)
        log::warning("issuer.stays", {{"issuer", log::text(row->issuer)}});
    co_return user_pool{row->id, row->region, row->issuer, row->identity_pool_id, row->client_id};
}

}  // namespace astrotalk::identity
