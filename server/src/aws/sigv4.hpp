// AWS Signature Version 4, in request headers and in links: signing what we send, and verifying what we are
// sent. Bodies that are signed chunk by chunk are chunked.hpp's.
// Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
//
// Pure: time is an argument. Thread-safe. Errors: what does not verify is a value; nothing throws.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"

namespace astrotalk::aws {

// A request as it is on the wire. Views live as long as what they were made from.
struct request_view {
    std::string_view method;  // "POST"
    std::string_view path;    // as sent, percent-encoded, without the query
    std::string_view query;   // as sent, without the '?'
    std::span<const std::pair<std::string_view, std::string_view>> headers;  // names in any case
    // In hex, or one of S3's words for it (UNSIGNED-PAYLOAD, …).
    std::string_view body_sha256;
};

struct scope {
    std::string region, service;
    bool operator==(const scope&) const = default;
};

struct credentials {
    std::string access_key_id;
    secret secret_access_key;
    std::string session_token;  // of temporary credentials, else empty
};

// The headers to add to `request` before it is sent: x-amz-date, authorization and, for temporary
// credentials, x-amz-security-token. Signs every header it is given, which must include host.
std::vector<std::pair<std::string, std::string>> sign(const request_view& request, const credentials& who,
                                                      const scope& where, instant now);

// The query that makes `request` a link: its own query, and the signature with what it claims. Whoever has
// the link may use it until `lifetime` has passed. Signs every header it is given, which must include host
// and which whoever uses the link must send alike; the body is not signed (body_sha256 is UNSIGNED-PAYLOAD).
std::string presign(const request_view& request, const credentials& who, const scope& where, instant now,
                    std::chrono::seconds lifetime);

// In order of precedence.
enum class signature_fault : std::uint8_t {
    missing,     // no authorization header, or no signature in the query
    incomplete,  // not SigV4, without a date, or without a signature over what matters
    wrong_scope,
    skewed,   // signed longer before or after `now` than clocks may differ; a link only after
    expired,  // a link whose lifetime has passed
    mismatch,
};

// How far clocks may differ. S3 allows more than Amazon's other services.
inline constexpr std::chrono::minutes usual_skew{5}, s3_skew{15};

// What a signature claims. To be proved by `verify` with the secret of its key.
struct claim {
    std::string access_key_id;
    instant signed_at;
    scope where;
    std::string day;  // "20261122"
    std::vector<std::string> signed_headers;
    std::string signature;
    std::string session_token{};                     // of temporary credentials, else empty
    std::optional<std::chrono::seconds> lifetime{};  // of a link, at most seven days
};

// Of the authorization header.
result<claim, signature_fault> read_claim(const request_view& request);
// Of a link.
result<claim, signature_fault> read_link(const request_view& request);

// Whether `request` was signed with that secret for that scope, now. Host and every x-amz-* header that is
// present must be signed, or a stranger could change them. Compares in constant time.
result<void, signature_fault> verify(const claim& made, const request_view& request, const secret& key,
                                     const scope& expected, instant now,
                                     std::chrono::minutes skew = usual_skew);

// What is signed with after the request itself: its chunks. 32 bytes.
bytes signing_key(const secret& key, std::string_view day, const scope& where);
std::string credential_scope(std::string_view day,
                             const scope& where);  // "20261122/ap-south-1/s3/aws4_request"
std::string amz_time(instant at);                  // "20261122T090000Z"

// The query's parameter of that exact name, decoded; nothing when it is not there.
std::optional<std::string> query_value(std::string_view query, std::string_view name);
// As Amazon encodes: everything but letters, digits, "-._~" and what is `kept`.
std::string percent_encoded(std::string_view text, std::string_view kept = {});

}  // namespace astrotalk::aws
