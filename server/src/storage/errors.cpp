#include "storage/s3.hpp"

namespace astrotalk::storage {
namespace {

struct spelled {
    std::string_view code;
    int status;
    std::string_view message;
};

spelled spell(s3_error e) {
    switch (e) {
        case s3_error::access_denied: return {"AccessDenied", 403, "Access Denied"};
        case s3_error::authorization_header_malformed:
            return {"AuthorizationHeaderMalformed", 400,
                    "Authorization must be an AWS4-HMAC-SHA256 signature over host and every x-amz-* header"};
        case s3_error::authorization_query_parameters:
            return {"AuthorizationQueryParametersError", 400,
                    "The link must have every X-Amz-* parameter of a signature once, sign host and every "
                    "x-amz-* header, and be good for at most seven days"};
        case s3_error::bad_digest:
            return {"BadDigest", 400, "The checksum you specified did not match what we received"};
        case s3_error::bad_request: return {"BadRequest", 400, "The request is not valid HTTP"};
        case s3_error::entity_too_large:
            return {"EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed object size"};
        case s3_error::incomplete_body:
            return {"IncompleteBody", 400,
                    "The body is not the aws-chunked one, of the length, that its headers announce"};
        case s3_error::internal: return {"InternalError", 500, "We encountered an internal error"};
        case s3_error::invalid_access_key_id:
            return {"InvalidAccessKeyId", 403,
                    "The access key Id you provided does not exist in our records"};
        case s3_error::invalid_argument: return {"InvalidArgument", 400, "Invalid Argument"};
        case s3_error::invalid_chunk_size:
            return {"InvalidChunkSizeError", 403, "Only the last chunk may have a size less than 8192 bytes"};
        case s3_error::invalid_digest:
            return {"InvalidDigest", 400, "The Content-MD5 you specified is not valid"};
        case s3_error::invalid_range: return {"InvalidRange", 416, "The requested range is not satisfiable"};
        case s3_error::invalid_request: return {"InvalidRequest", 400, "Invalid Request"};
        case s3_error::invalid_uri: return {"InvalidURI", 400, "The key is not percent-encoded UTF-8"};
        case s3_error::key_too_long: return {"KeyTooLongError", 400, "Your key is too long"};
        case s3_error::metadata_too_large:
            return {"MetadataTooLarge", 400, "Your metadata headers exceed the maximum allowed size"};
        case s3_error::method_not_allowed:
            return {"MethodNotAllowed", 405, "The specified method is not allowed against this resource"};
        case s3_error::missing_content_length:
            return {"MissingContentLength", 411, "You must provide the Content-Length HTTP header"};
        case s3_error::no_such_bucket: return {"NoSuchBucket", 404, "The specified bucket does not exist"};
        case s3_error::no_such_key: return {"NoSuchKey", 404, "The specified key does not exist"};
        case s3_error::not_implemented:
            return {"NotImplemented", 501, "The request asks for something that is not implemented"};
        case s3_error::precondition_failed:
            return {"PreconditionFailed", 412,
                    "At least one of the pre-conditions you specified did not hold"};
        case s3_error::request_time_too_skewed:
            return {"RequestTimeTooSkewed", 403,
                    "The difference between the request time and the current time is too large"};
        case s3_error::request_timeout: return {"RequestTimeout", 400, "The request took too long to arrive"};
        case s3_error::signature_does_not_match:
            return {"SignatureDoesNotMatch", 403,
                    "The request signature we calculated does not match the signature you provided"};
        case s3_error::slow_down: return {"SlowDown", 503, "Please reduce your request rate"};
        case s3_error::content_sha256_mismatch: break;
    }
    return {"XAmzContentSHA256Mismatch", 400,
            "The provided 'x-amz-content-sha256' header does not match what was computed"};
}

void write(http::response& r, const spelled& what, std::string_view message, std::string_view request_id) {
    r.status = what.status;
    r.content_type = "application/xml";
    r.body = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<Error><Code>{}</Code><Message>{}</Message>",
        what.code, escaped(message.empty() ? what.message : message));
    if (!request_id.empty()) r.body += fmt::format("<RequestId>{}</RequestId>", request_id);
    r.body += "</Error>";
}

}  // namespace

// Control characters as references: XML 1.1 and S3's clients read them, and 1.0 has no other way.
std::string escaped(std::string_view text) {
    std::string made;
    for (const char c : text) {
        switch (c) {
            case '&': made += "&amp;"; break;
            case '<': made += "&lt;"; break;
            case '>': made += "&gt;"; break;
            case '"': made += "&quot;"; break;
            default:
                if (static_cast<unsigned char>(c) < 0x20)
                    made += fmt::format("&#x{:x};", static_cast<unsigned>(c));
                else
                    made += c;
        }
    }
    return made;
}

http::response refuse(const refusal& why, std::string_view request_id) {
    http::response r;
    write(r, spell(why.code), why.message, request_id);
    return r;
}

void restate_refusal(http::response& r) {
    if (r.content_type != http::problem_type) return;
    switch (r.status) {
        case 404: return write(r, spell(s3_error::not_implemented), {}, {});  // no bucket: their listing
        case 405: return write(r, spell(s3_error::method_not_allowed), {}, {});
        case 408: return write(r, spell(s3_error::request_timeout), {}, {});
        case 413: return write(r, spell(s3_error::entity_too_large), {}, {});
        case 429:
        case 503: return write(r, spell(s3_error::slow_down), {}, {});
        case 500: return write(r, spell(s3_error::internal), {}, {});
        case 501: return write(r, spell(s3_error::not_implemented), {}, {});
        default: return write(r, spell(s3_error::bad_request), {}, {});
    }
}

}  // namespace astrotalk::storage
