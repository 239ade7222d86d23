// Inside of /storage/: what the operations of S3's protocol share. Its public side is storage.hpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/sigv4.hpp"
#include "core/result.hpp"
#include "http/http.hpp"
#include "storage/storage.hpp"

namespace astrotalk::storage {

// S3's own codes: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
enum class s3_error : std::uint8_t {
    access_denied,
    authorization_header_malformed,
    authorization_query_parameters,
    bad_digest,
    bad_request,
    entity_too_large,
    incomplete_body,
    internal,
    invalid_access_key_id,
    invalid_argument,
    invalid_chunk_size,
    invalid_digest,
    invalid_range,
    invalid_request,
    invalid_uri,
    key_too_long,
    metadata_too_large,
    method_not_allowed,
    missing_content_length,
    no_such_bucket,
    no_such_key,
    not_implemented,
    precondition_failed,
    request_time_too_skewed,
    request_timeout,
    signature_does_not_match,
    slow_down,
    content_sha256_mismatch,
};

struct refusal {
    s3_error code;
    std::string message{};  // empty: the code's usual one
};
using outcome = result<http::response, refusal>;

http::response refuse(const refusal& why, std::string_view request_id);
std::string escaped(std::string_view text);  // for XML

// How the body comes, by x-amz-content-sha256.
enum class payload : std::uint8_t {
    digest,
    unsigned_,
    signed_chunks,
    signed_chunks_trailer,
    unsigned_chunks
};

// Who asks, proved; without a claim: a stranger.
struct caller {
    std::optional<aws::claim> claim{};
    signer by{};
    payload sends = payload::unsigned_;
    bool is_known() const { return claim.has_value(); }
    bool by_link() const { return claim && claim->lifetime; }
    // What a key's grants say; a stranger has none.
    bool may(http::verb what, std::string_view bucket, std::string_view key) const;
};
task<result<caller, refusal>> authenticate(service& s, const http::request& in);

// A request on its way to its operation.
struct asked {
    http::exchange& x;
    const bucket& where;
    std::string key;  // decoded; empty: the bucket itself
    caller who;

    // An x-amz-* header, which a link may have among its parameters instead.
    std::string amz(std::string_view name) const;
};

task<outcome> read_object(service& s, asked a);
task<outcome> put_object(service& s, asked a);
task<outcome> delete_object(service& s, asked a);
task<outcome> list_objects(service& s, asked a);

// A response without a body's type: an object's is among its headers.
http::response bare(int status);
void append_traits(http::response& r, const object_facts& of);
void append_checksum(http::response& r, const object_facts& of);

}  // namespace astrotalk::storage
