#include <charconv>

#include "aws/chunked.hpp"
#include "storage/checksums.hpp"
#include "storage/s3.hpp"

namespace astrotalk::storage {
namespace {

// The content: the body itself, or put together of its chunks.
struct upload {
    std::string_view body;
    std::optional<std::string> joined{};
    std::string_view content() const { return joined ? std::string_view(*joined) : body; }
};
constexpr std::string_view metadata_prefix = "x-amz-meta-";

// What was promised about the content, in headers or behind it.
struct promised {
    const checksum_kind* kind = nullptr;
    std::string value;    // base64; empty: in the trailer
    std::string trailer;  // its name
};

result<promised, refusal> read_promise(const asked& a) {
    promised made;
    for (const auto& each : checksum_kinds()) {
        // A link's own is of the empty body that there was when it was made.
        const auto value = a.x.in.header(each.header);
        if (value.empty()) continue;
        if (made.kind) return refusal{s3_error::invalid_request, "Only one checksum may be given"};
        const auto decoded = crypto::base64_decode(value);
        if (!decoded || decoded->size() != each.size)
            return refusal{s3_error::invalid_request,
                           fmt::format("Value for {} header is invalid.", each.header)};
        made = {&each, std::string(value), {}};
    }
    const auto trailer = a.x.in.header("x-amz-trailer");
    if (trailer.empty()) return made;
    const auto* kind = find_checksum(trailer);
    if (!kind || made.kind)
        return refusal{s3_error::invalid_request, "x-amz-trailer must name one checksum, given once"};
    return promised{kind, {}, std::string(kind->header)};
}

// Of the metadata and the traits; nothing but checks of size.
result<object_traits, refusal> traits_of(const asked& a) {
    const auto& in = a.x.in;
    object_traits made;
    made.content_type = in.header("content-type");
    made.cache_control = in.header("cache-control");
    made.content_disposition = in.header("content-disposition");
    made.content_language = in.header("content-language");
    made.expires = in.header("expires");
    for (std::string_view rest = in.header("content-encoding"); !rest.empty();) {
        const auto comma = rest.find(',');
        auto each = rest.substr(0, comma);
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
        while (each.starts_with(' ')) each.remove_prefix(1);
        // The coding of the way here, not of the object.
        if (each.empty() || each == "aws-chunked") continue;
        made.content_encoding += (made.content_encoding.empty() ? "" : ", ") + std::string(each);
    }
    std::size_t size = 0;
    for (const auto& [name, value] : in.headers) {
        if (!name.starts_with(metadata_prefix)) continue;
        made.metadata.emplace_back(name.substr(metadata_prefix.size()), value);
        size += name.size() - metadata_prefix.size() + value.size();
    }
    std::size_t all = 0;
    for (const auto* each : {&made.content_type, &made.cache_control, &made.content_disposition,
                             &made.content_language, &made.content_encoding, &made.expires})
        all += each->size();
    if (size > most_metadata || all > most_metadata) return refusal{s3_error::metadata_too_large};
    return made;
}

std::optional<std::uint64_t> announced(const http::request& in, std::string_view header) {
    const auto text = in.header(header);
    std::uint64_t size = 0;
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, size);
    if (text.empty() || read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return size;
}

refusal explain(aws::chunk_fault why) {
    switch (why) {
        case aws::chunk_fault::malformed: return {s3_error::incomplete_body};
        case aws::chunk_fault::too_small: return {s3_error::invalid_chunk_size};
        case aws::chunk_fault::mismatch: break;
    }
    return {s3_error::signature_does_not_match};
}

// The content of an aws-chunked body; its checksum goes into `promise`.
result<upload, refusal> unchunked(const asked& a, promised& promise) {
    const bool is_signed = a.who.sends != payload::unsigned_chunks;
    auto read = aws::read_chunks(a.x.in.body, is_signed);
    if (!read) return explain(read.error());
    if (is_signed) {
        const bool trailer = a.who.sends == payload::signed_chunks_trailer;
        const auto proved = aws::verify_chunks(*read, *a.who.claim, a.who.by.key, trailer);
        if (!proved) return explain(proved.error());
    }
    if (read->size != announced(a.x.in, "x-amz-decoded-content-length"))
        return refusal{s3_error::incomplete_body};
    if (!promise.trailer.empty()) {
        promise.value = read->trailer(promise.trailer);
        if (promise.value.empty())
            return refusal{s3_error::invalid_request, "The promised trailer did not come"};
    }
    return upload{{}, read->data()};
}

result<upload, refusal> content_of(const asked& a, promised& promise) {
    const auto& in = a.x.in;
    const bool chunked = a.who.sends != payload::digest && a.who.sends != payload::unsigned_;
    if (!chunked && !promise.trailer.empty())
        return refusal{s3_error::invalid_request, "x-amz-trailer needs an aws-chunked body"};
    auto arrived = chunked ? unchunked(a, promise) : result<upload, refusal>(upload{in.body});
    if (!arrived) return arrived;
    const auto content = arrived->content();
    if (a.who.sends == payload::digest &&
        crypto::hex(crypto::sha256(content)) != in.header("x-amz-content-sha256"))
        return refusal{s3_error::content_sha256_mismatch};
    const auto md5_header = in.header("content-md5");
    if (!md5_header.empty()) {
        const auto decoded = crypto::base64_decode(md5_header);
        if (!decoded || decoded->size() != 16) return refusal{s3_error::invalid_digest};
        if (crypto::to_text(*decoded) != md5(content)) return refusal{s3_error::bad_digest};
    }
    if (promise.kind && crypto::base64_encode(promise.kind->compute(content)) != promise.value)
        return refusal{s3_error::bad_digest, fmt::format("The {} you specified did not match the calculated "
                                                         "checksum.",
                                                         promise.kind->name)};
    return arrived;
}

refusal explain(write_verdict why) {
    return {why == write_verdict::missing ? s3_error::no_such_key : s3_error::precondition_failed};
}

// On the pool: hashes, seals and writes.
outcome store(service& s, const asked& a, promised promise, object_traits traits,
              const write_condition& condition) {
    const auto arrived = content_of(a, promise);
    if (!arrived) return arrived.error();
    const auto content = arrived->content();
    if (content.size() > s.object_limit) return refusal{s3_error::entity_too_large};
    if (promise.kind) {
        traits.checksum_algorithm = promise.kind->name;
        traits.checksum = promise.value;
    }
    const auto stored = s.objects->put(a.where.name, a.key, std::move(traits), content, condition);
    if (!stored) return explain(stored.error());
    auto r = bare(200);
    r.headers.emplace_back("etag", "\"" + stored->etag + "\"");
    append_checksum(r, *stored);
    return r;
}

}  // namespace

task<outcome> put_object(service& s, asked a) {
    const auto& in = a.x.in;
    const bool chunked = a.who.sends != payload::digest && a.who.sends != payload::unsigned_;
    if (chunked ? !announced(in, "x-amz-decoded-content-length")
                : in.header("content-length").empty() && in.header("transfer-encoding").empty())
        co_return refusal{s3_error::missing_content_length};
    // A link may leave the body unsigned, never send one whose signatures it does not know.
    if (a.who.by_link() && chunked) co_return refusal{s3_error::not_implemented};
    const auto none = in.header("if-none-match");
    if (!none.empty() && none != "*")
        co_return refusal{s3_error::not_implemented, "If-None-Match must be * when an object is written"};
    auto promise = read_promise(a);
    if (!promise) co_return promise.error();
    auto traits = traits_of(a);
    if (!traits) co_return traits.error();
    const write_condition condition{std::string(in.header("if-match")), !none.empty()};
    co_return co_await s.files.run(
        [&] { return store(s, a, std::move(*promise), std::move(*traits), condition); });
}

task<outcome> delete_object(service& s, asked a) {
    co_await s.files.run([&] { s.objects->remove(a.where.name, a.key); });
    co_return bare(204);
}

}  // namespace astrotalk::storage
