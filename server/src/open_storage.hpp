// Where files are kept, as the settings say: the embedded store or S3. Wires the storage folder for the
// server and for commands.
#pragma once

#include <memory>
#include <vector>

#include "crypto/keyring.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "settings.hpp"
#include "storage/storage.hpp"

namespace astrotalk {

// What the threads of one process share of it; thread-safe.
struct storage_parts {
    storage::vault* objects;  // null: S3 is used
    thread_pool& files;
    aws::credentials own;  // what signs the embedded store's links
    std::string region;    // of the embedded store: the user pool's
};

// Null with S3.
std::unique_ptr<storage::vault> open_vault(const settings& s, const crypto::keyring& keys);
// The same on every node: it follows from the master key.
aws::credentials own_storage_key(const crypto::keyring& keys);
std::vector<storage::bucket> buckets_of(const settings& s);
// What /v1/config tells the apps.
std::string storage_endpoint(const settings& s);

// Where everybody finds astrologers' photos, with a slash at its end.
std::string photo_url(const settings& s, const std::string& issuer);

// `issuer`: the user pool's, whose origin browsers reach this server by.
std::unique_ptr<storage::object_store> make_object_store(const settings& s, const storage_parts& parts,
                                                         http::client& out, const std::string& issuer);

// Who may send /storage/ a body above the ordinary limit.
task<http::server_options::admission> admit_upload(storage::service& s, http::request& head);

}  // namespace astrotalk
