#include <stdexcept>

#include "identity/identity.hpp"
#include "identity/queries.hpp"
#include "identity/stored_keys.hpp"

namespace astrotalk::identity {
namespace {

struct client_row {
    std::string id, name;
    bool main = false, rotates = false, opens_api = false, rich_access = false;
    std::int32_t access_seconds = 0, id_seconds = 0, refresh_seconds = 0, grace_seconds = 0;
    std::vector<std::string> flows, readable, writable;
    std::optional<bytes> secret_sealed, old_secret_sealed;
    std::optional<instant> old_secret_until;
};
BOOST_DESCRIBE_STRUCT(client_row, (),
                      (id, name, main, rotates, opens_api, rich_access, access_seconds, id_seconds,
                       refresh_seconds, grace_seconds, flows, readable, writable, secret_sealed,
                       old_secret_sealed, old_secret_until))

secret open_secret(const crypto::keyring& keys, const std::string& id, const bytes& sealed) {
    auto opened = keys.open(client_secret_purpose, sealed, place_of_secret(id));
    if (!opened) throw std::runtime_error(fmt::format("the secret of client {} does not open", id));
    return secret(std::move(*opened));
}

app_client to_client(const crypto::keyring& keys, client_row row) {
    app_client client;
    if (row.secret_sealed) client.secrets.push_back({open_secret(keys, row.id, *row.secret_sealed), {}});
    if (row.old_secret_sealed)
        client.secrets.push_back({open_secret(keys, row.id, *row.old_secret_sealed), row.old_secret_until});
    client.id = std::move(row.id);
    client.name = std::move(row.name);
    client.main = row.main;
    client.rotates = row.rotates;
    client.opens_api = row.opens_api;
    client.rich_access = row.rich_access;
    client.access_seconds = row.access_seconds;
    client.id_seconds = row.id_seconds;
    client.refresh_seconds = row.refresh_seconds;
    client.grace_seconds = row.grace_seconds;
    client.flows = std::move(row.flows);
    client.readable = std::move(row.readable);
    client.writable = std::move(row.writable);
    return client;
}

}  // namespace

task<std::vector<app_client>> list_clients(pg::client& pg, const crypto::keyring& keys) {
    std::vector<app_client> clients;
    for (auto& row : co_await pg.read<client_row>(sql::load_clients))
        clients.push_back(to_client(keys, std::move(row)));
    co_return clients;
}

// The version is read before what it stands for: a change in between is read now, and once more.
task<void> follow_pool(pg::client& pg, const crypto::keyring& keys, live_pool& into) {
    const auto version = co_await pg.read_one<std::int64_t>(sql::pool_version);
    if (!version || *version == into.version()) co_return;
    pool_snapshot next{.version = *version, .clients = {}, .keys = {}};
    for (auto& client : co_await list_clients(pg, keys)) {
        auto id = client.id;
        next.clients.emplace(std::move(id), std::make_shared<const app_client>(std::move(client)));
    }
    for (const auto& row : co_await pg.read<key_row>(sql::load_keys))
        next.keys.push_back({open_key(keys, row), row.signs_from, row.retired_at});
    into.publish(std::make_shared<const pool_snapshot>(std::move(next)));
}

}  // namespace astrotalk::identity
