// The embedded object store, spoken to in a subset of S3's protocol at /storage/: one object at a time, whole
// or by range, listings of a bucket, links. What is not in the subset is answered NotImplemented.
//
// Every request is signed (AWS Signature Version 4, in headers or as a link), but for reading an object of a
// public bucket. Which keys sign, and what each may do, is asked of a function.
//
// A `service` and its calls belong to one loop; the vault and the pool are shared by all. Files are read,
// written, hashed and sealed by the pool: a full queue throws `overloaded`. Lifetime: the vault, the pool and
// what `find` refers to outlive the service. Errors: refusals are S3's XML; the disk's throw.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/loop.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "http/http.hpp"
#include "storage/object_store.hpp"
#include "storage/vault.hpp"

namespace astrotalk::storage {

inline constexpr std::string_view served_below = "/storage/";

struct bucket {
    std::string name;
    bool is_public = false;  // anybody may read its objects
};

// One thing that a key may do: read (get, and the same without the body) or write (put) objects of a bucket
// whose keys begin so.
struct grant {
    http::verb what;
    std::string bucket, prefix;
};
// A key as the store knows it. Without grants it may do everything; with them only that, and only by links:
// it signs for somebody's browser, never for itself.
struct signer {
    secret key;
    std::vector<grant> only{};
};
// Of an access key; with the token that temporary credentials are used with, else empty.
using find_signer =
    std::function<task<std::optional<signer>>(std::string access_key_id, std::string session_token)>;

struct service {
    vault* objects;  // null: another store is used, and here is nothing
    thread_pool& files;
    find_signer find;
    std::string region;
    std::vector<bucket> buckets;
    std::size_t object_limit = 32u << 20;
};

std::span<const http::route<service>> routes();

// How large the body of such a request may be, by its header alone; or the answer that refuses it. For
// server_options::admit_large_body.
struct admission {
    std::size_t limit = 0;
    std::optional<http::response> refusal{};
};
task<admission> admit(service& s, const http::request& head);

// A problem that was answered before an operation ran, as S3's XML. For paths below `served_below`.
void restate_refusal(http::response& r);

}  // namespace astrotalk::storage
