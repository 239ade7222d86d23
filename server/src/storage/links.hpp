// Where an object is, for whoever asks a store over HTTP, and links to it.
#pragma once

#include "aws/sigv4.hpp"
#include "storage/object_store.hpp"

namespace astrotalk::storage {

// An object's place at an endpoint, or a bucket's when the key is empty.
struct address {
    std::string scheme, host, path;  // "https", "h:8080", "/storage/bucket/a%20key"
    std::string url() const { return scheme + "://" + host + path; }
};
// `path_style`: the bucket in the path, not before the host.
address address_of(std::string_view endpoint, std::string_view bucket, std::string_view key, bool path_style);

std::string upload_link(const address& to, const upload_terms& terms, const aws::credentials& who,
                        const std::string& region, std::chrono::seconds lifetime);
std::string download_link(const address& to, const download_terms& terms, const aws::credentials& who,
                          const std::string& region, std::chrono::seconds lifetime);

}  // namespace astrotalk::storage
