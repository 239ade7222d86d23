// What the operator's commands begin with: the database and the installation's keys.
#pragma once

#include <fmt/format.h>

#include <filesystem>

#include "core/loop.hpp"
#include "crypto/keyring.hpp"
#include "jobs/sealed_data.hpp"
#include "pg/pg.hpp"
#include "settings.hpp"

namespace astrotalk {

// Runs one command's task with a small database client, and turns what it throws into a message.
template <class F>
int with_database(const settings& s, F command) {
    try {
        loop on;
        pg::client database(on, {.url = s.database_url, .read_connections = 1, .write_connections = 8});
        const int result = on.run_until(command(database));
        on.run_until(database.close());
        return result;
    } catch (const std::exception& e) {
        fmt::print(stderr, "astrotalk: {}\n", e.what());
        return 1;
    }
}

// With the keys that sealed what is there.
inline task<crypto::keyring> open_keys(pg::client& database, const settings& s) {
    std::filesystem::create_directories(s.data_dir);
    auto keys = crypto::keyring::open_or_create(std::filesystem::path(s.data_dir) / "master.key");
    co_await jobs::tail_data_keys(database, keys);
    co_return keys;
}

}  // namespace astrotalk
