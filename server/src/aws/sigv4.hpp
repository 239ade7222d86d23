// AWS Signature Version 4 in request headers: signing what we send, and verifying what we are sent.
// Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
//
// Pure: time is an argument. Thread-safe. Errors: what does not verify is a value; nothing throws.
#pragma once

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

// In order of precedence.
enum class signature_fault : std::uint8_t {
    missing,     // no authorization header
    incomplete,  // not a SigV4 header, without a date, or without a signature over what matters
    wrong_scope,
    skewed,  // signed more than five minutes before or after `now`
    mismatch,
};

// What the authorization header claims. To be proved by `verify` with the secret of its key.
struct claim {
    std::string access_key_id;
    instant signed_at;
    scope where;
    std::string day;  // "20261122"
    std::vector<std::string> signed_headers;
    std::string signature;
};

result<claim, signature_fault> read_claim(const request_view& request);

// Whether `request` was signed with that secret for that scope, now. Host and every x-amz-* header that is
// present must be signed, or a stranger could change them. Compares in constant time.
result<void, signature_fault> verify(const claim& made, const request_view& request, const secret& key,
                                     const scope& expected, instant now);

}  // namespace astrotalk::aws
