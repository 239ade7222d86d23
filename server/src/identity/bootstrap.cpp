#include <stdexcept>

#include "core/log.hpp"
#include "identity/identity.hpp"
#include "identity/queries.hpp"

namespace astrotalk::identity {
namespace {

struct pool_row {
    std::string id, region, issuer, identity_pool_id, client_id;
    std::int32_t access_seconds = 0, id_seconds = 0, refresh_seconds = 0, grace_seconds = 0;
    bool rich_access = false;
};
BOOST_DESCRIBE_STRUCT(pool_row, (),
                      (id, region, issuer, identity_pool_id, client_id, access_seconds, id_seconds,
                       refresh_seconds, grace_seconds, rich_access))

struct key_row {
    std::string kid, token_use;
    bytes private_sealed;
    bool retired = false;
};
BOOST_DESCRIBE_STRUCT(key_row, (), (kid, token_use, private_sealed, retired))

std::string random_text(std::size_t length, std::string_view alphabet) {
    std::string text;
    for (std::size_t i = 0; i < length; ++i) text += alphabet[crypto::random_below(alphabet.size())];
    return text;
}

constexpr std::string_view lower_and_digits = "abcdefghijklmnopqrstuvwxyz0123456789";
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

std::string place_of(const std::string& kid) { return "signing_key.private:" + kid; }

task<void> create_pool(pg::transaction& t, const pool_options& how) {
    const auto id = how.region + "_" + random_text(9, letters_and_digits);
    const auto issuer = checked_origin(how.public_origin) + "/" + id;
    const auto identity_pool = how.region + ":" + uuid::v7().to_string();
    const auto client = random_text(26, lower_and_digits);
    co_await t.execute(sql::create_pool, id, how.region, issuer, identity_pool, client);
}

task<void> store_key(pg::transaction& t, const crypto::keyring& keys, token_use use, crypto::rsa_key key) {
    const std::string kid = thumbprint(key.public_key());
    const bytes sealed = keys.seal("signing_key", key.to_pem().reveal(), place_of(kid));
    co_await t.execute(sql::create_key, kid, name_of(use), sealed);
}

// Keeps, makes or replaces the key that signs tokens of one use.
task<void> settle_key(pg::transaction& t, const crypto::keyring& keys, token_use use, std::string pem) {
    const auto rows = co_await t.query<key_row>(sql::load_keys);
    const auto current = std::ranges::find_if(
        rows, [&](const key_row& row) { return row.token_use == name_of(use) && !row.retired; });
    if (pem.empty()) {
        if (current == rows.end()) co_await store_key(t, keys, use, crypto::rsa_key::generate());
        co_return;
    }
    auto given = crypto::rsa_key::from_pem(pem);
    if (!given)
        throw std::runtime_error(fmt::format(
            "the {} key file must hold an unencrypted PEM RSA key of 2048 bits or more", name_of(use)));
    if (current == rows.end() || current->kid != thumbprint(given->public_key()))
        co_await store_key(t, keys, use, std::move(*given));
}

std::shared_ptr<const signing_key> open_key(const crypto::keyring& keys, const key_row& row) {
    const auto pem = keys.open("signing_key", row.private_sealed, place_of(row.kid));
    if (!pem)
        throw std::runtime_error(
            "the signing keys in the database do not open: the master key file is not the one of this "
            "database");
    auto key = crypto::rsa_key::from_pem(*pem);
    if (!key) throw std::runtime_error("a signing key in the database is not an RSA key");
    return std::make_shared<const signing_key>(row.token_use == "access" ? token_use::access : token_use::id,
                                               std::move(*key));
}

task<void> settle(pg::transaction& t, const crypto::keyring& keys, const pool_options& how) {
    co_await t.query<std::string>(sql::lock_first_start);
    if ((co_await t.query<pool_row>(sql::load_pool)).empty()) co_await create_pool(t, how);
    co_await settle_key(t, keys, token_use::access, how.access_key_pem);
    co_await settle_key(t, keys, token_use::id, how.id_key_pem);
}

// A started installation needs no lock: the pool is there, and so are both keys.
bool settled(const std::optional<pool_row>& pool, const std::vector<key_row>& rows, const pool_options& how) {
    const auto signs = [&](std::string_view use) {
        return std::ranges::any_of(rows,
                                   [&](const key_row& row) { return row.token_use == use && !row.retired; });
    };
    return pool && signs("access") && signs("id") && how.access_key_pem.empty() && how.id_key_pem.empty();
}

}  // namespace

task<user_pool> bootstrap(pg::client& pg, const crypto::keyring& keys, pool_options how) {
    auto row = co_await pg.read_one<pool_row>(sql::load_pool);
    auto rows = co_await pg.read<key_row>(sql::load_keys);
    if (!settled(row, rows, how)) {
        auto body = [&](pg::transaction& t) { return settle(t, keys, how); };
        co_await pg.transact(body);
        row = co_await pg.read_one<pool_row>(sql::load_pool);
        rows = co_await pg.read<key_row>(sql::load_keys);
    }
    if (!how.public_origin.empty() && row->issuer != checked_origin(how.public_origin) + "/" + row->id)
        log::warning("issuer.stays", {{"issuer", log::text(row->issuer)}});
    user_pool pool;
    pool.id = row->id;
    pool.region = row->region;
    pool.issuer = row->issuer;
    pool.identity_pool_id = row->identity_pool_id;
    pool.client_id = row->client_id;
    pool.access_seconds = row->access_seconds;
    pool.id_seconds = row->id_seconds;
    pool.refresh_seconds = row->refresh_seconds;
    pool.grace_seconds = row->grace_seconds;
    pool.rich_access = row->rich_access;
    for (const auto& each : rows) pool.keys.push_back(open_key(keys, each));
    co_return pool;
}

}  // namespace astrotalk::identity
