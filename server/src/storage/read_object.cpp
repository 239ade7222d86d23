#include "storage/checksums.hpp"
#include "storage/s3.hpp"

namespace astrotalk::storage {
namespace {

conditions conditions_of(const http::request& in) {
    return {std::string(in.header("if-match")), std::string(in.header("if-none-match")),
            std::string(in.header("if-modified-since")), std::string(in.header("if-unmodified-since"))};
}

// What a signed request may have answered in place of what was stored.
constexpr std::pair<std::string_view, std::string object_traits::*> overrides[] = {
    {"response-content-type", &object_traits::content_type},
    {"response-content-disposition", &object_traits::content_disposition},
    {"response-content-encoding", &object_traits::content_encoding},
    {"response-content-language", &object_traits::content_language},
    {"response-cache-control", &object_traits::cache_control},
    {"response-expires", &object_traits::expires}};

// A header that somebody else's link writes: nothing in it may end it.
bool is_header_value(std::string_view text) {
    return std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

// Why not: a stranger asks for one, or it is no value of a header.
std::optional<refusal> override_traits(const asked& a, object_traits& of) {
    for (const auto& [name, member] : overrides) {
        auto value = aws::query_value(a.x.in.query, name);
        if (!value) continue;
        if (!a.who.is_known())
            return refusal{s3_error::invalid_request, "Only signed requests may override response headers"};
        if (!is_header_value(*value)) return refusal{s3_error::invalid_argument};
        of.*member = std::move(*value);
    }
    return std::nullopt;
}

chosen_range range_of(const http::request& in, const object_facts& of) {
    const auto condition = in.header("if-range");
    const bool holds = condition.empty() || condition == "\"" + of.etag + "\"";
    return choose_range(holds ? in.header("range") : std::string_view(), of.size);
}

void append(http::response& r, std::string_view name, const std::string& value) {
    if (!value.empty()) r.headers.emplace_back(name, value);
}

}  // namespace

void append_checksum(http::response& r, const object_facts& of) {
    const auto* kind = find_checksum(of.traits.checksum_algorithm);
    if (!kind) return;
    r.headers.emplace_back(kind->header, of.traits.checksum);
    r.headers.emplace_back("x-amz-checksum-type", "FULL_OBJECT");
}

void append_traits(http::response& r, const object_facts& of) {
    r.headers.emplace_back("etag", "\"" + of.etag + "\"");
    r.headers.emplace_back("last-modified", http_time(of.modified));
    r.headers.emplace_back("accept-ranges", "bytes");
    const auto& t = of.traits;
    append(r, "content-type", t.content_type.empty() ? "application/octet-stream" : t.content_type);
    append(r, "cache-control", t.cache_control);
    append(r, "content-disposition", t.content_disposition);
    append(r, "content-encoding", t.content_encoding);
    append(r, "content-language", t.content_language);
    append(r, "expires", t.expires);
}

task<outcome> read_object(service& s, asked a) {
    const auto& in = a.x.in;
    const auto wanted = conditions_of(in);
    const bool only_head = in.method == http::verb::head;
    auto found = co_await s.files.run([&] {
        return s.objects->get(a.where.name, a.key, [&](const object_facts& of) -> std::optional<byte_span> {
            if (only_head || judge(wanted, of) != verdict::go_on) return std::nullopt;
            return range_of(in, of).span;
        });
    });
    if (!found) co_return refusal{s3_error::no_such_key};
    auto& facts = found->facts;
    if (auto why = override_traits(a, facts.traits)) co_return std::move(*why);
    // What is public is named anew when it changes.
    if (a.where.is_public && facts.traits.cache_control.empty())
        facts.traits.cache_control = "public, max-age=31536000, immutable";
    const auto said = judge(wanted, facts);
    if (said == verdict::failed) co_return refusal{s3_error::precondition_failed};
    auto r = bare(said == verdict::not_modified ? 304 : 200);
    append_traits(r, facts);
    if (said == verdict::not_modified) co_return r;
    const auto range = range_of(in, facts);
    if (!range.span) co_return refusal{s3_error::invalid_range};
    if (range.is_part) {
        r.status = 206;
        r.headers.emplace_back("content-range",
                               fmt::format("bytes {}-{}/{}", range.span->first,
                                           range.span->first + range.span->size - 1, facts.size));
    } else if (a.amz("x-amz-checksum-mode") == "ENABLED") {
        append_checksum(r, facts);
    }
    for (const auto& [name, value] : facts.traits.metadata)
        r.headers.emplace_back("x-amz-meta-*", name + ": " + value);
    if (only_head) r.headers.emplace_back("content-length", std::to_string(range.span->size));
    r.body = std::move(found->content);
    co_return r;
}

}  // namespace astrotalk::storage
