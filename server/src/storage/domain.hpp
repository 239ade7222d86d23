// Objects, and what can be decided of them without a disk: keys, ranges, conditions, pages of a listing.
//
// Pure and thread-safe. Sizes are in bytes. Instants are whole seconds where S3's headers carry them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.hpp"

namespace astrotalk::storage {

inline constexpr std::size_t longest_key = 1024;
inline constexpr std::size_t most_metadata = 2048;  // names and values together, as with S3

// 1 to 1024 bytes of UTF-8 without NUL. Slashes and dots mean nothing: a key is no path.
bool is_key(std::string_view key);
// 3 to 63 lower-case letters, digits and inner hyphens. Becomes a folder's name.
bool is_bucket_name(std::string_view name);

// What a client says of an object when it stores it. Empty: not said.
struct object_traits {
    std::string content_type{}, cache_control{}, content_disposition{}, content_encoding{},
        content_language{}, expires{};
    std::vector<std::pair<std::string, std::string>> metadata{};  // names in lower case, without x-amz-meta-
    std::string checksum_algorithm{}, checksum{};                 // "CRC32", and base64; verified
    bool operator==(const object_traits&) const = default;
};

struct object_facts {
    std::uint64_t size = 0;
    std::string etag{};  // without quotes; MD5 of the content in hex where we made it
    instant modified{};
    object_traits traits{};
};

struct byte_span {
    std::uint64_t first = 0, size = 0;
    bool operator==(const byte_span&) const = default;
};

// What a Range header asks of an object of that size. The whole, when it is empty, not understood or asks for
// several ranges; nothing, when none of it is there.
struct chosen_range {
    std::optional<byte_span> span{};
    bool is_part = false;
};
chosen_range choose_range(std::string_view header, std::uint64_t size);

// RFC 9110 §13, as S3 has it. Empty: not asked.
struct conditions {
    std::string if_match{}, if_none_match{}, if_modified_since{}, if_unmodified_since{};
};
enum class verdict : std::uint8_t { go_on, not_modified, failed };
verdict judge(const conditions& asked, const object_facts& of);

// What must hold of the object that is there already when another takes its place.
struct write_condition {
    std::string if_match{};      // its ETag; empty: anything
    bool if_none_match = false;  // there must be none
};
enum class write_verdict : std::uint8_t { go_on, failed, missing };
write_verdict judge(const write_condition& asked, const object_facts* present);

std::string http_time(instant at);  // "Fri, 24 May 2013 00:00:00 GMT"
std::optional<instant> read_http_time(std::string_view text);

struct listed_object {
    std::string key, etag;
    std::uint64_t size = 0;
    instant modified{};
};
struct list_request {
    std::string prefix{}, delimiter{}, after{};  // `after`: a key
    std::string token{};                         // a page's `next`; comes before `after`
    std::size_t most = 1000;                     // at most 1000
};
struct page {
    std::vector<listed_object> objects;        // by key, in the order of bytes
    std::vector<std::string> common_prefixes;  // up to the delimiter, each once
    std::string next;                          // empty: this was the last
};
// `all` in any order.
page page_of(const std::vector<const listed_object*>& all, const list_request& asked);
// Whether a page could have made that token.
bool is_token(std::string_view token);

}  // namespace astrotalk::storage
