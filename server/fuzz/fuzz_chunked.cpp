// Bodies in the aws-chunked coding: whatever a stranger sends, what is read lies within it, reads the same
// when it is written again, and without the secret no chunk has the right signature.
#include <fmt/format.h>

#include <cstdlib>

#include "aws/chunked.hpp"

namespace {

using namespace astrotalk;

void require(bool holds) {
    if (!holds) std::abort();
}

void check_within(std::string_view body, const aws::chunked_body& read) {
    const auto inside = [&](std::string_view part) {
        return part.empty() ||
               (part.data() >= body.data() && part.data() + part.size() <= body.data() + body.size());
    };
    std::size_t size = 0;
    for (const auto& each : read.chunks) {
        require(inside(each.data) && inside(each.signature));
        size += each.data.size();
    }
    require(size == read.size && read.data().size() == size && read.chunks.back().data.empty());
    for (const auto& [name, value] : read.trailers) require(!name.empty() && inside(name) && inside(value));
}

std::string written(const aws::chunked_body& body) {
    std::string out;
    for (const auto& each : body.chunks) {
        out += fmt::format("{:x}\r\n{}", each.data.size(), each.data);
        if (!each.data.empty()) out += "\r\n";
    }
    for (const auto& [name, value] : body.trailers) out += fmt::format("{}:{}\r\n", name, value);
    return out + "\r\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    if (const auto read = aws::read_chunks(body, false)) {
        check_within(body, *read);
        const auto text = written(*read);
        const auto again = aws::read_chunks(text, false);
        require(again && again->data() == read->data() && again->trailers == read->trailers);
    }
    if (const auto read = aws::read_chunks(body, true)) {
        check_within(body, *read);
        static const aws::claim seed{"AKIA", instant(), {"ap-south-1", "s3"}, "19700101", {}, "seed"};
        for (const bool with_trailers : {false, true})
            require(!aws::verify_chunks(*read, seed, secret("not theirs"), with_trailers));
    }
    return 0;
}
