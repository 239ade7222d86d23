#include "aws/chunked.hpp"

#include <charconv>

#include "crypto/crypto.hpp"

namespace astrotalk::aws {
namespace {

constexpr std::size_t smallest_signed = 8192, signature_size = 64, most_trailers = 16;
constexpr std::string_view line_end = "\r\n", extension = ";chunk-signature=";
constexpr std::string_view trailer_signature_name = "x-amz-trailer-signature";

// The text up to the next line's end, which is taken too; nothing when none comes.
std::optional<std::string_view> take_line(std::string_view& rest) {
    const auto end = rest.find(line_end);
    if (end == std::string_view::npos) return std::nullopt;
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end + line_end.size());
    return line;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

struct chunk_head {
    std::size_t size = 0;
    std::string_view signature;
};

std::optional<chunk_head> read_head(std::string_view line, bool is_signed) {
    chunk_head head;
    const auto end = line.data() + line.size();
    const auto read = std::from_chars(line.data(), end, head.size, 16);
    // Not more digits than any body that is accepted here needs.
    if (read.ec != std::errc() || read.ptr - line.data() > 8) return std::nullopt;
    const std::string_view rest(read.ptr, static_cast<std::size_t>(end - read.ptr));
    if (!is_signed) return rest.empty() ? std::optional(head) : std::nullopt;
    if (!rest.starts_with(extension) || rest.size() != extension.size() + signature_size) return std::nullopt;
    head.signature = rest.substr(extension.size());
    return head;
}

bool is_lower_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

// What stands behind the last chunk, up to an empty line that ends the body.
bool read_trailers(std::string_view rest, chunked_body& into) {
    for (;;) {
        const auto line = take_line(rest);
        if (!line) return false;
        if (line->empty()) return rest.empty();
        const auto colon = line->find(':');
        if (colon == std::string_view::npos || into.trailers.size() >= most_trailers) return false;
        const auto name = trimmed(line->substr(0, colon)), value = trimmed(line->substr(colon + 1));
        if (!is_lower_name(name)) return false;
        if (name == trailer_signature_name)
            into.trailer_signature = value;
        else if (into.trailer_signature.empty() && into.trailer(name).empty())
            into.trailers.emplace_back(name, value);
        else
            return false;  // twice, or behind the signature
    }
}

// Each signature is over the one before, so that no chunk can be left out, doubled or moved.
class chain {
  public:
    chain(const claim& of, const secret& key)
        : key_(signing_key(key, of.day, of.where)),
          middle_("\n" + amz_time(of.signed_at) + "\n" + credential_scope(of.day, of.where) + "\n"),
          last_(of.signature) {}

    bool follows(std::string_view algorithm, std::string_view said, std::string_view digests) {
        const std::string to_sign = std::string(algorithm) + middle_ + last_ + "\n" + std::string(digests);
        last_ = crypto::hex(crypto::hmac_sha256(key_, to_sign));
        return crypto::equal_constant_time(last_, said);
    }

  private:
    bytes key_;
    std::string middle_, last_;
};

}  // namespace

std::string chunked_body::data() const {
    std::string all;
    all.reserve(size);
    for (const auto& each : chunks) all += each.data;
    return all;
}

std::string_view chunked_body::trailer(std::string_view name) const {
    for (const auto& [each, value] : trailers)
        if (each == name) return value;
    return {};
}

result<chunked_body, chunk_fault> read_chunks(std::string_view body, bool are_signed) {
    chunked_body made;
    for (;;) {
        const auto line = take_line(body);
        const auto head = line ? read_head(*line, are_signed) : std::nullopt;
        if (!head) return chunk_fault::malformed;
        if (head->size == 0) {
            made.chunks.push_back({{}, head->signature});
            break;
        }
        if (body.size() < line_end.size() || head->size > body.size() - line_end.size() ||
            body.substr(head->size, line_end.size()) != line_end)
            return chunk_fault::malformed;
        made.chunks.push_back({body.substr(0, head->size), head->signature});
        made.size += head->size;
        body.remove_prefix(head->size + line_end.size());
    }
    if (!read_trailers(body, made)) return chunk_fault::malformed;
    if (!are_signed && !made.trailer_signature.empty()) return chunk_fault::malformed;
    // The last with data, and the empty one behind it, may be smaller.
    for (std::size_t i = 0; are_signed && i + 2 < made.chunks.size(); ++i)
        if (made.chunks[i].data.size() < smallest_signed) return chunk_fault::too_small;
    return made;
}

result<void, chunk_fault> verify_chunks(const chunked_body& body, const claim& of, const secret& key,
                                        bool with_trailers) {
    const std::string of_nothing = crypto::hex(crypto::sha256("")) + "\n";
    chain signatures(of, key);
    for (const auto& each : body.chunks)
        if (!signatures.follows("AWS4-HMAC-SHA256-PAYLOAD", each.signature,
                                of_nothing + crypto::hex(crypto::sha256(each.data))))
            return chunk_fault::mismatch;
    if (!with_trailers) {
        if (!body.trailers.empty() || !body.trailer_signature.empty()) return chunk_fault::malformed;
        return {};
    }
    std::string lines;
    for (const auto& [name, value] : body.trailers)
        lines += std::string(name) + ":" + std::string(value) + "\n";
    if (!signatures.follows("AWS4-HMAC-SHA256-TRAILER", body.trailer_signature,
                            crypto::hex(crypto::sha256(lines))))
        return chunk_fault::mismatch;
    return {};
}

}  // namespace astrotalk::aws
