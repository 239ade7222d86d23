#include "storage/s3.hpp"

namespace astrotalk::storage {
namespace {

constexpr std::string_view digest_header = "x-amz-content-sha256";
constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";

struct spelling {
    std::string_view text;
    payload what;
};
constexpr spelling payloads[] = {
    {unsigned_payload, payload::unsigned_},
    {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", payload::signed_chunks},
    {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", payload::signed_chunks_trailer},
    {"STREAMING-UNSIGNED-PAYLOAD-TRAILER", payload::unsigned_chunks},
};

std::optional<payload> payload_of(std::string_view digest) {
    for (const auto& each : payloads)
        if (each.text == digest) return each.what;
    const bool hex = digest.size() == 64 && std::all_of(digest.begin(), digest.end(), [](char c) {
                         return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                     });
    return hex ? std::optional(payload::digest) : std::nullopt;
}

refusal explain(aws::signature_fault why, bool link) {
    switch (why) {
        case aws::signature_fault::missing: return {s3_error::access_denied};
        case aws::signature_fault::incomplete:
            return {link ? s3_error::authorization_query_parameters
                         : s3_error::authorization_header_malformed};
        case aws::signature_fault::wrong_scope:
            return {
                link ? s3_error::authorization_query_parameters : s3_error::authorization_header_malformed,
                "The credential must be scoped to this store's region and to the service s3"};
        case aws::signature_fault::skewed: return {s3_error::request_time_too_skewed};
        case aws::signature_fault::expired: return {s3_error::access_denied, "Request has expired"};
        case aws::signature_fault::mismatch: break;
    }
    return {s3_error::signature_does_not_match};
}

}  // namespace

bool caller::may(http::verb what, std::string_view bucket, std::string_view key) const {
    if (!is_known()) return false;
    if (by.only.empty()) return true;
    const auto as = what == http::verb::head ? http::verb::get : what;
    return by_link() && std::any_of(by.only.begin(), by.only.end(), [&](const grant& each) {
               return each.what == as && each.bucket == bucket && !key.empty() &&
                      key.starts_with(each.prefix);
           });
}

task<result<caller, refusal>> authenticate(service& s, const http::request& in) {
    const auto authorization = in.header("authorization");
    const bool link =
        aws::query_value(in.query, "X-Amz-Signature") || aws::query_value(in.query, "X-Amz-Algorithm");
    if (link && !authorization.empty())
        co_return refusal{s3_error::invalid_argument, "Only one auth mechanism allowed"};
    if (!link && authorization.empty()) co_return caller{};
    if (!link && !authorization.starts_with("AWS4-")) co_return refusal{s3_error::access_denied};

    auto digest = std::string(in.header(digest_header));
    if (link && digest.empty())
        digest = aws::query_value(in.query, "X-Amz-Content-Sha256").value_or(std::string(unsigned_payload));
    if (digest.empty())
        co_return refusal{s3_error::invalid_request,
                          "Missing required header for this request: x-amz-content-sha256"};
    const auto sends = payload_of(digest);
    if (!sends)
        co_return refusal{s3_error::invalid_argument,
                          "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a known STREAMING-* or a SHA-256"};

    const aws::request_view seen{.method = http::name_of(in.method),
                                 .path = in.path,
                                 .query = in.query,
                                 .headers = in.headers,
                                 .body_sha256 = digest};
    auto claim = link ? aws::read_link(seen) : aws::read_claim(seen);
    if (!claim) co_return explain(claim.error(), link);
    auto by = co_await s.find(claim->access_key_id, claim->session_token);
    if (!by) co_return refusal{s3_error::invalid_access_key_id};
    const auto proved = aws::verify(*claim, seen, by->key, {s.region, "s3"}, clock::now(), aws::s3_skew);
    if (!proved) co_return explain(proved.error(), link);
    co_return caller{std::move(*claim), std::move(*by), *sends};
}

}  // namespace astrotalk::storage
