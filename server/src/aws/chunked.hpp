// Bodies in Amazon's "aws-chunked" coding: pieces with their sizes, each with a signature or none, and
// headers behind the last one. Not HTTP's own chunked coding, inside which it may travel. Source:
// docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html
//
// Pure and thread-safe. Errors: what is wrong with a body is a value. Views live as long as the body.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/sigv4.hpp"

namespace astrotalk::aws {

// In order of precedence.
enum class chunk_fault : std::uint8_t {
    malformed,
    too_small,  // a signed chunk that is not the last of at least 8 KiB, as S3 demands
    mismatch,   // a signature
};

struct chunk {
    std::string_view data, signature;
};

struct chunked_body {
    std::vector<chunk> chunks;  // the last one, which is empty, included
    std::vector<std::pair<std::string_view, std::string_view>> trailers;  // names in lower case
    std::string_view trailer_signature;                                   // not among the trailers
    std::size_t size = 0;                                                 // of all data

    std::string data() const;
    // The value of a trailer, or empty.
    std::string_view trailer(std::string_view name) const;
};

// `are_signed`: each chunk carries a signature, or none does.
result<chunked_body, chunk_fault> read_chunks(std::string_view body, bool are_signed);

// Whether every chunk, and the trailers where they are signed (`with_trailers`), follow from the request's
// own signature, which has been verified.
result<void, chunk_fault> verify_chunks(const chunked_body& body, const claim& of, const secret& key,
                                        bool with_trailers);

}  // namespace astrotalk::aws
